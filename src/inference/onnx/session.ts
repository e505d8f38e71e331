import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { onnxruntime, preloadProvider } from './cuda-folder.js'
import { floatToHalf, halfToFloat } from './half-precision.js'
import { assertGraphIsFile } from './model-file.js'
import { detectOutOfMemory } from './out-of-memory.js'

/** A tensor: values in row-major order, and the length of each axis. It doesn't change: sessions keep what they convert it to. */
export type TensorData = { readonly data: Float32Array; readonly dims: readonly number[] }

/** Type and shape of a graph's input. An axis of free length is a name; scalars have no axes. */
export type InputMetadata = { readonly type: Tensor.Type; readonly dims: readonly (number | string)[] }

/** A loaded graph failed to run. The message is the first line of onnxruntime's. */
export class InferenceError extends Error {
  override readonly name: string = 'InferenceError'
}

/** A device ran out of memory while it loaded or ran a graph. */
export class OutOfMemoryError extends InferenceError {
  override readonly name = 'OutOfMemoryError'
  /** @param isDeviceLost the device failed and can't be used any more by this process, even for smaller work */
  constructor(
    message: string,
    readonly isDeviceLost: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** An open ONNX graph. */
export interface OnnxSession {
  /** How it computes, if it was generated. */
  readonly variant?: GraphVariant | undefined
  readonly inputs: ReadonlyMap<string, InputMetadata>
  readonly outputs: readonly string[]
  /**
   * Run the graph. Values are converted to the types of the graph's inputs, and results to single precision. Blocks the
   * thread and can't be cancelled.
   *
   * @param outputNames the outputs to return
   * @throws InferenceError, OutOfMemoryError among them
   */
  run<Name extends string>(
    inputs: Readonly<Record<string, TensorData>>,
    outputNames: readonly Name[],
  ): Promise<Record<Name, TensorData>>
  /** Free the device's memory. The next run opens the graph again. */
  suspend(): Promise<void>
  close(): Promise<void>
}

/** How a generated graph computes; chosen for the device. */
export type GraphVariant = {
  readonly precision: 'single' | 'half'
  /** onnxruntime's MultiHeadAttention operator, or matrix products and softmax. */
  readonly attention: 'fused' | 'primitive'
  /** Convolutions get zeros as further input channels up to a multiple of 4: WebGPU's default layout computes others wrong. */
  readonly channels?: 'multiples of 4'
}

/**
 * A graph in a file, or in memory with external data in `folder`, or generated when it is opened, with external data in
 * `folder`.
 */
export type GraphSource = { readonly name: string } & (
  | { readonly file: string }
  | { readonly folder: string; readonly graph: Uint8Array }
  | {
      readonly folder: string
      readonly writeGraph: (variant: GraphVariant) => Uint8Array
      /** Where half precision is wrong in this graph, it alone is computed in single precision. */
      readonly mayBeSingle?: true
      /** The same network as two graphs, for devices without room for all of it. */
      readonly parts?: readonly [GraphSource, GraphSource]
    }
)

/**
 * An execution provider of onnxruntime, the index of its card, WebGPU's preferred layout, and the variant of generated
 * graphs.
 */
export type ExecutionProvider = {
  readonly name: string
  readonly index?: number | undefined
  readonly layout?: 'NCHW'
  readonly variant?: GraphVariant
}

const DEFAULT_VARIANT: GraphVariant = { precision: 'single', attention: 'fused' }

/**
 * Open a graph.
 *
 * On the CPU, weights stay memory-mapped. Prepacking makes a step of Stable Diffusion's UNet 10% faster, but takes 13 s
 * instead of 1.5 s to open and three times the memory. Half precision weights are cast where they are used: no
 * measurable time, and memory for one layer only; casting all of them at first takes five times as long to open.
 *
 * @param isRunRarely free the working memory after each run instead of keeping it for the next one
 * @throws OutOfMemoryError; Error for other failures, with onnxruntime's message
 */
export async function openOnnxSession(
  source: GraphSource,
  provider: ExecutionProvider,
  isRunRarely = false,
): Promise<OnnxSession> {
  const { name } = provider
  preloadProvider(name)
  if ('file' in source) assertGraphIsFile(source.file)
  const isGenerated = 'writeGraph' in source
  const variant = provider.variant ?? DEFAULT_VARIANT
  const cpuOptions = {
    graphOptimizationLevel: 'extended',
    enableCpuMemArena: !isRunRarely,
    // The memory pattern allocates a whole step in one block, which is larger than separate allocations.
    enableMemPattern: false,
  } as const
  const graph = isGenerated ? source.writeGraph(variant) : 'graph' in source ? source.graph : source.file
  const open = () =>
    createSession(graph, {
      executionProviders: [providerConfig(provider)],
      logSeverityLevel: 3,
      ...(name === 'cpu' && cpuOptions),
      extra: {
        session: {
          ...(name === 'cpu' && { disable_prepacking: '1' }),
          ...('folder' in source && { model_external_initializers_file_folder_path: source.folder }),
        },
        ...(isGenerated && name === 'cpu' && { optimization: { disable_specified_optimizers: 'ConstantFolding' } }),
      },
    }).catch((cause: Error) => {
      throw asOutOfMemoryError(cause) ?? cause
    })
  let current: InferenceSession | undefined = await open()
  let isClosed = false
  /** Inputs in the types of the graph; an input that stays the same is converted once. */
  const converted = new WeakMap<TensorData, Tensor>()
  const { inputMetadata, outputNames } = current
  const suspend = async () => {
    const last = current
    current = undefined
    await last?.release()
  }
  const inputs = new Map<string, InputMetadata>()
  for (const metadata of inputMetadata) {
    if (metadata.isTensor) inputs.set(metadata.name, { type: metadata.type, dims: metadata.shape })
  }
  return {
    ...(isGenerated && { variant }),
    inputs,
    outputs: outputNames,
    async run(inputData, wanted) {
      if (isClosed) throw new InferenceError(`${source.name} is closed`)
      current ??= await open()
      const feeds: Record<string, Tensor> = {}
      for (const [name, values] of Object.entries(inputData)) {
        const { type } = inputs.get(name)!
        const kept = converted.get(values)
        const tensor = kept?.type === type ? kept : toTensor(type, values)
        if (type !== 'float32') converted.set(values, tensor)
        feeds[name] = tensor
      }
      const results = await current.run(feeds, wanted).catch((cause: Error) => {
        throw asOutOfMemoryError(cause) ?? new InferenceError(cause.message.split('\n')[0], { cause })
      })
      const named = Object.entries(results).map(([name, tensor]) => [name, fromTensor(tensor)])
      for (const tensor of Object.values(results)) tensor.dispose()
      return Object.fromEntries(named)
    },
    suspend,
    close() {
      isClosed = true
      return suspend()
    },
  }
}

function asOutOfMemoryError(cause: Error): OutOfMemoryError | undefined {
  const shortage = detectOutOfMemory(cause.message)
  return shortage && new OutOfMemoryError(shortage.message, shortage.isDeviceLost, { cause })
}

function createSession(
  model: string | Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  const { InferenceSession } = onnxruntime()
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options)
}

function providerConfig({ name, index, layout }: ExecutionProvider): InferenceSession.ExecutionProviderConfig {
  if (layout) return { name: 'webgpu', preferredLayout: layout }
  if (index === undefined) return name
  const config = { name, deviceId: index }
  return config
}

function toTensor(type: Tensor.Type, { data, dims }: TensorData): Tensor {
  const { Tensor } = onnxruntime()
  switch (type) {
    case 'float32':
      return new Tensor('float32', data, dims)
    case 'float16':
      return halfTensor(floatToHalf(data), dims)
    case 'uint8':
      return new Tensor('uint8', Uint8Array.from(data, Math.round), dims)
    case 'int32':
      return new Tensor('int32', Int32Array.from(data, Math.round), dims)
    case 'int64':
      return new Tensor(
        'int64',
        BigInt64Array.from(data, value => BigInt(Math.round(value))),
        dims,
      )
    case 'float64':
      return new Tensor('float64', Float64Array.from(data), dims)
    default:
      throw new TypeError(`inputs of type ${type} are not known`)
  }
}

/** From Node 24 on, Tensor makes a Float16Array of the bits, which onnxruntime-node doesn't read (as of 1.30). */
function halfTensor(bits: Uint16Array, dims: readonly number[]): Tensor {
  const { Tensor } = onnxruntime()
  return Object.defineProperty(new Tensor('float16', bits, dims), 'data', { value: bits })
}

function fromTensor(tensor: Tensor): TensorData {
  const { data, dims } = tensor
  // Copy: the data is freed when the tensor is disposed.
  if (data instanceof Float32Array) return { data: data.slice(), dims }
  if (tensor.type === 'float16') {
    // A Float16Array where JavaScript has it, as from Node 24 on; otherwise a Uint16Array.
    const { buffer, byteOffset, length } = data as Uint16Array
    return { data: halfToFloat(new Uint16Array(buffer, byteOffset, length)), dims }
  }
  if (data instanceof Float64Array || data instanceof Uint8Array) return { data: Float32Array.from(data), dims }
  throw new TypeError(`outputs of type ${tensor.type} are not known`)
}
