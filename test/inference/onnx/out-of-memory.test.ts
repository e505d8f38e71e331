import { expect, test } from 'vitest'
import { detectOutOfMemory } from '../../../src/inference/onnx/out-of-memory.js'
import { InferenceError, OutOfMemoryError, openOnnxSession } from '../../../src/inference/onnx/session.js'
import { outerProductGraph } from '../../support/memory-hungry.js'

/** Error messages from bug reports, with the part that identifies them. */
const MESSAGES: readonly [where: string, message: string, reason: string][] = [
  [
    'CUDA’s arena, Linux',
    "Non-zero status code returned while running Conv node. Name:'/patch_embed/stages/stages.0/Conv' Status Message: \n/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*, bool, onnxruntime::WaitNotificationFn) Failed to allocate memory for requested buffer of size 2830172160\n",
    'Failed to allocate memory for requested buffer of size 2830172160',
  ],
  [
    'the arena, Windows',
    "Non-zero status code returned while running FusedConv node. Name:'Conv_3' Status Message: D:\\a\\_work\\1\\s\\onnxruntime\\core\\framework\\bfc_arena.cc:376 onnxruntime::BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 643840",
    'Failed to allocate memory for requested buffer of size 643840',
  ],
  [
    'CUDA itself',
    'D:\\a\\_work\\1\\s\\onnxruntime\\core\\providers\\cuda\\cuda_call.cc:114 onnxruntime::CudaCall CUDA failure 2: out of memory ; GPU=0 ; hostname=PC ; file=D:\\a\\_work\\1\\s\\onnxruntime\\core\\providers\\cuda\\cuda_stream_handle.cc ; line=175 ; expr=cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);',
    'CUDA failure 2: out of memory',
  ],
  [
    'cuBLAS',
    'Exception during initialization: /onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:121 CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=egg ; expr=cublasCreate(&cublas_handle_);',
    'CUBLAS_STATUS_ALLOC_FAILED',
  ],
  [
    'cuDNN 8',
    'CUDNN failure 2: CUDNN_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cudnnCreate(&cudnn_handle_);',
    'CUDNN_STATUS_ALLOC_FAILED',
  ],
  [
    'cuDNN 9',
    'CUDNN failure 5003: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ; GPU=0',
    'CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED',
  ],
  [
    'DirectML',
    "Non-zero status code returned while running MemcpyToHost node. Name:'Memcpy_token_29' Status Message: D:\\a\\_work\\1\\s\\onnxruntime\\core\\providers\\dml\\DmlExecutionProvider\\src\\MLOperatorAuthorImpl.cpp(1978)\\onnxruntime_pybind11_state.pyd!00007FFBDC8EBB9F: (caller: 00007FFBDCFFDEFF) Exception(3) tid(4304) 8007000E Not enough memory resources are available to complete this operation.\r\n",
    '8007000E Not enough memory resources are available to complete this operation.',
  ],
  [
    'WebGPU on Vulkan',
    'WebGPU device error(3): vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY\n - While calling [Device].CreateBuffer([BufferDescriptor]).',
    'VK_ERROR_OUT_OF_DEVICE_MEMORY',
  ],
  [
    'WebGPU’s limit',
    'Buffer size (3185049600) exceeds the max buffer size limit (1073741824).',
    'Buffer size (3185049600) exceeds the max buffer size limit (1073741824)',
  ],
  [
    'WebGPU’s limit of storage buffers',
    "Non-zero status code returned while running MultiHeadAttention node. Name:'' Status Message: /onnxruntime_src/onnxruntime/core/providers/webgpu/shader_helper.cc:306 onnxruntime::webgpu::ShaderVariableHelper& onnxruntime::webgpu::ShaderHelper::AddVariableImpl(bool, const std::string&, onnxruntime::webgpu::ShaderUsage, const onnxruntime::TensorShape&, uint32_t) numbers_storage_buffers_ <= limits_.maxStorageBuffersPerShaderStage was false. Too many storage buffers in shader. Current: 24, Max is 16\n",
    'Too many storage buffers in shader. Current: 24, Max is 16',
  ],
  [
    'CUDA’s index limit',
    "Non-zero status code returned while running Resize node. Name:'' Status Message: upsample.cc:103 BaseCompute Resize: output pitch exceeds supported int range for CUDA kernel indexing.",
    'output pitch exceeds supported int range for CUDA kernel indexing',
  ],
  [
    'C++',
    "Non-zero status code returned while running Gemm node. Name:'' Status Message: std::bad_alloc",
    'std::bad_alloc',
  ],
  ['C++ on Windows', 'Exception during initialization: bad allocation', 'bad allocation'],
  ['JavaScript', 'Array buffer allocation failed', 'Array buffer allocation failed'],
]

test.each(MESSAGES)('out of memory is recognized: %s', (_, message, reason) => {
  expect(detectOutOfMemory(message)).toEqual({ message: reason, isDeviceLost: false })
})

test.each([
  [
    'DirectML, removed',
    'D:\\a\\_work\\1\\s\\onnxruntime\\core\\providers\\dml\\DmlExecutionProvider\\src\\DmlCommittedResourceAllocator.cpp(22)\\onnxruntime.dll!00007FFB881D2D01: (caller: 00007FFB881B4E70) Exception(7) tid(cf0) 887A0005 The GPU device instance has been suspended. Use GetDeviceRemovedReason to determine the appropriate action.',
    '887A0005 The GPU device instance has been suspended. Use GetDeviceRemovedReason to determine the appropriate action.',
  ],
  [
    'DirectML, hung',
    'DmlGraphFusionHelper.cpp(1078) 887A0006 The GPU will not respond to more commands, most likely because of an invalid command passed by the calling application.',
    '887A0006 The GPU will not respond to more commands, most likely because of an invalid command passed by the calling application.',
  ],
  ['WebGPU', 'WebGPU device lost (1): out of memory', 'WebGPU device lost (1): out of memory'],
])('a lost device is distinguished from out of memory: %s', (_, message, reason) => {
  expect(detectOutOfMemory(message)).toEqual({ message: reason, isDeviceLost: true })
})

test.each([
  'Load model from model.onnx failed:Protobuf parsing failed.',
  'Got invalid dimensions for input: sample for the following indices\n index: 1 Got: 4 Expected: 9 Please fix either the inputs/outputs or the model.',
  'CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR ; GPU=0 ; hostname=MSI',
  'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
  'not enough space: expected 318080, got 314240',
])('other errors are not out of memory: %s', message => {
  expect(detectOutOfMemory(message)).toBeUndefined()
})

test('running out of memory on the CPU is an error, and smaller inputs still run afterwards', async () => {
  const graph = outerProductGraph()
  const session = await openOnnxSession({ name: 'outer', folder: '/', graph }, { name: 'cpu' })
  const ones = (count: number) => ({ x: { data: new Float32Array(count).fill(1), dims: [count] } })
  // The outer product takes 64 TB.
  await expect(session.run(ones(4_000_000), ['y'])).rejects.toThrow(OutOfMemoryError)
  const { y } = await session.run(ones(3), ['y'])
  expect([...y.data]).toEqual([9])
  await expect(session.run({ x: { data: new Float32Array(4), dims: [2, 2] } }, ['y'])).rejects.toThrow(InferenceError)
  await session.close()
})
