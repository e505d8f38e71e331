/**
 * What onnxruntime, and the drivers below it, say where memory has run out. Each of them has its own words, and there are no
 * codes: the arena of CUDA and of processors, CUDA, cuBLAS and cuDNN, DirectML's HRESULT, Vulkan and Metal below WebGPU, C++.
 */
const OUT_OF_MEMORY_MESSAGES: readonly RegExp[] = [
  /Failed to allocate memory for requested buffer of size \d+/,
  /CUDA failure 2: out of memory/,
  /\b(?:CUBLAS|CUDNN)_STATUS_(?:INTERNAL_ERROR_\w+_ALLOCATION_FAILED|ALLOC_FAILED)/,
  /\b8007000E\b[^\n]*/,
  /\bE_OUTOFMEMORY\b/,
  /\bVK_ERROR_OUT_OF_(?:DEVICE|HOST|POOL)_MEMORY\b/,
  /Buffer size \(\d+\) exceeds the max buffer size limit \(\d+\)/,
  // A tensor that is larger than what can be bound is bound in parts, until there are too many of them.
  /Too many storage buffers in shader\. Current: \d+, Max is \d+/,
  // One that CUDA can't count through.
  /output pitch exceeds supported int range for CUDA kernel indexing/,
  // WebGPU tells the log why a buffer could not be had; its user learns only that there is none.
  /\[Invalid Buffer[^\]]*\] is invalid due to a previous error/,
  /\bkIOGPUCommandBufferCallbackErrorOutOfMemory\b|Insufficient Memory \(\w+:[^)]*\)/,
  /\bstd::bad_alloc\b|\bbad allocation\b/,
  /Array buffer allocation failed/,
  /\bout of memory\b/i,
]

/** The same where a device has broken down and can't be used any more by this process, which too much work makes it do. */
const DEVICE_LOST_MESSAGES: readonly RegExp[] = [
  /\b887A000[567]\b[^\n]*/,
  /\bDXGI_ERROR_DEVICE_(?:REMOVED|HUNG|RESET)\b/,
  /\bWebGPU device lost\b[^\n]*/,
  /\bVK_ERROR_DEVICE_LOST\b/,
]

/** That a device has too little memory, or is gone; `said` are the words that tell. */
export type MemoryShortage = { readonly message: string; readonly isDeviceLost: boolean }

/** What a message of onnxruntime tells of memory; undefined if it is about something else. */
export function detectOutOfMemory(message: string): MemoryShortage | undefined {
  const firstMatch = (patterns: readonly RegExp[]) => {
    for (const pattern of patterns) {
      const match = pattern.exec(message)
      if (match) return match[0].trim()
    }
    return undefined
  }
  // What is gone may also say that it lacked memory.
  const deviceLost = firstMatch(DEVICE_LOST_MESSAGES)
  if (deviceLost !== undefined) return { message: deviceLost, isDeviceLost: true }
  const outOfMemory = firstMatch(OUT_OF_MEMORY_MESSAGES)
  return outOfMemory === undefined ? undefined : { message: outOfMemory, isDeviceLost: false }
}
