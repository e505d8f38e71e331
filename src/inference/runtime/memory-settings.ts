/**
 * Environment variables for processes that run models (glibc, mallopt(3)). Blocks of 1 MiB and more are mapped by
 * themselves and given back when they are freed. By default glibc raises that limit to 32 MiB, and then an aligned block
 * as large as one that was freed doesn't fit into its place: a decoder took four times the memory (measured with
 * `npm run bench -- memory`).
 */
export const MALLOC_SETTINGS = { MALLOC_MMAP_THRESHOLD_: String(2 ** 20) } as const

/**
 * Flags of Node for processes that paint, and for the benchmark that stands in for one (package.json). By itself V8 marks its
 * whole heap for each 16 MB of new pictures and tensors, while the GPU waits: 16 times in two jobs of four pictures at 512². With 96 MB or
 * more it does so twice, at the start.
 */
export const HEAP_FLAGS = ['--initial-old-space-size=128'] as const
