import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: [
      // Threads and processes run what was built.
      {
        find: /^(\.\.?\/)+(inference\/|runtime\/)*worker-path\.js$/,
        replacement: fileURLToPath(new URL('test/support/worker-path.ts', import.meta.url)),
      },
    ],
  },
  test: {
    globalSetup: ['test/support/build.ts', 'test/support/database.ts', 'test/support/redis.ts'],
    setupFiles: ['test/support/wasm-flags.ts', 'test/support/equal-bytes.ts', 'test/support/onnx-threads.mjs'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // On a busy machine a page may need more than the second that is the default.
    expect: { poll: { timeout: 20_000 } },
    // A process runs many files and loads the sources once: a test leaves nothing behind, in `process.env` for example.
    isolate: false,
    // Many tests wait for servers, processes and clocks, so one file more than there are cores runs at a time.
    maxWorkers: availableParallelism() + 1,
  },
})
