/**
 * Error messages of onnxruntime and drivers when memory runs out; there are no error codes. From onnxruntime's arena,
 * CUDA, cuBLAS, cuDNN, DirectML (HRESULT), Vulkan and Metal below WebGPU, and C++.
 */
const OUT_OF_MEMORY_MESSAGES: readonly RegExp[] = [
  /Failed to allocate memory for requested buffer of size \d+/,
  /CUDA failure 2: out of memory/,
  /\b(?:CUBLAS|CUDNN)_STATUS_(?:INTERNAL_ERROR_\w+_ALLOCATION_FAILED|ALLOC_FAILED)/,
  /\b8007000E\b[^\n]*/,
  /\bE_OUTOFMEMORY\b/,
  /\bVK_ERROR_OUT_OF_(?:DEVICE|HOST|POOL)_MEMORY\b/,
  /Buffer size \(\d+\) exceeds the max buffer size limit \(\d+\)/,
  // A tensor above WebGPU's binding size is split into several bindings, whose number is limited.
  /Too many storage buffers in shader\. Current: \d+, Max is \d+/,
  // A tensor beyond CUDA's 32-bit index.
  /output pitch exceeds supported int range for CUDA kernel indexing/,
  // WebGPU logs why a buffer could not be allocated, but only reports an invalid buffer.
  /\[Invalid Buffer[^\]]*\] is invalid due to a previous error/,
  /\bkIOGPUCommandBufferCallbackErrorOutOfMemory\b|Insufficient Memory \(\w+:[^)]*\)/,
  /\bstd::bad_alloc\b|\bbad allocation\b/,
  /Array buffer allocation failed/,
  /\bout of memory\b/i,
]

/** Error messages of a lost device, which this process can't use any more. Overload is a common cause. */
const DEVICE_LOST_MESSAGES: readonly RegExp[] = [
  /\b887A000[567]\b[^\n]*/,
  /\bDXGI_ERROR_DEVICE_(?:REMOVED|HUNG|RESET)\b/,
  /\bWebGPU device lost\b[^\n]*/,
  /\bVK_ERROR_DEVICE_LOST\b/,
]

/** A device that ran out of memory or is lost. `message` is the part of the error that says so. */
export type MemoryShortage = { readonly message: string; readonly isDeviceLost: boolean }

/** Detect out of memory or a lost device in an error message of onnxruntime. @returns undefined for other errors */
export function detectOutOfMemory(message: string): MemoryShortage | undefined {
  const firstMatch = (patterns: readonly RegExp[]) => {
    for (const pattern of patterns) {
      const match = pattern.exec(message)
      if (match) return match[0].trim()
    }
    return undefined
  }
  // A lost device may mention memory too.
  const deviceLost = firstMatch(DEVICE_LOST_MESSAGES)
  if (deviceLost !== undefined) return { message: deviceLost, isDeviceLost: true }
  const outOfMemory = firstMatch(OUT_OF_MEMORY_MESSAGES)
  return outOfMemory === undefined ? undefined : { message: outOfMemory, isDeviceLost: false }
}
