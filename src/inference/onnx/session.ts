import { InferenceSession, Tensor } from 'onnxruntime-node'
import { floatToHalf, halfToFloat } from './half-precision.js'
import { detectOutOfMemory } from './out-of-memory.js'

/** Numbers in row-major order, and how many there are along each axis. */
export type TensorData = { readonly data: Float32Array; readonly dims: readonly number[] }

/** What a graph says of one of its inputs; an axis of any length is a name. Scalars have no axes. */
export type InputMetadata = { readonly type: Tensor.Type; readonly dims: readonly (number | string)[] }

/** A graph could be loaded, but not computed; its message is onnxruntime's first line. */
export class InferenceError extends Error {
  override readonly name: string = 'RunError'
}

/** A device had too little memory for a graph, to load or to compute it. */
export class OutOfMemoryError extends InferenceError {
  override readonly name = 'OutOfMemory'
  /** @param isDeviceLost the device broke down over it: this process can't use it any more, for anything smaller neither */
  constructor(
    message: string,
    readonly isDeviceLost: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** An ONNX graph that is ready to run. */
export interface OnnxSession {
  readonly inputs: ReadonlyMap<string, InputMetadata>
  readonly outputs: readonly string[]
  /**
   * Run it. Numbers are turned into the types that the graph wants, and back.
   *
   * Blocks the thread, and can't be stopped.
   *
   * @param outputNames the outputs to come back
   * @throws RunError, OutOfMemory among them
   */
  run<Name extends string>(
    inputs: Readonly<Record<string, TensorData>>,
    outputNames: readonly Name[],
  ): Promise<Record<Name, TensorData>>
  close(): Promise<void>
}

/** How a graph computes that is written for the device it runs on. */
export type GraphVariant = {
  readonly precision: 'single' | 'half'
  /** By onnxruntime's own operator, or by matrix products and softmax. */
  readonly attention: 'fused' | 'primitive'
}

/** A graph: in a file or in memory, with external data beside it; or written when it is opened, with all weights in files under a folder. */
export type GraphSource = { readonly name: string } & (
  | { readonly file: string }
  | { readonly folder: string; readonly graph: Uint8Array }
  | { readonly folder: string; readonly writeGraph: (variant: GraphVariant) => Uint8Array }
)

/** An execution provider of onnxruntime, which of several cards, and for WebGPU in which order it keeps the axes of pictures. */
export type ExecutionProvider = {
  readonly name: string
  readonly index?: number | undefined
  readonly layout?: 'NCHW'
  readonly variant?: GraphVariant
}

const DEFAULT_VARIANT: GraphVariant = { precision: 'single', attention: 'fused' }

/**
 * Load a graph.
 *
 * On a processor the weights stay where they are, mapped from the file: packing copies of them makes a step of Stable
 * Diffusion's UNet a tenth faster, but takes 13 s instead of 1.5 s to begin and three times the memory. Weights of half
 * precision are widened whenever they are used, which costs no time that could be measured, and of memory only what a layer
 * takes; widening all of them at first takes five times as long to begin.
 *
 * @param isRunRarely it runs once in a while: what it needs besides its weights is given back each time
 * @throws OutOfMemory; Error what else onnxruntime says
 */
export async function openOnnxSession(
  source: GraphSource,
  provider: ExecutionProvider,
  isRunRarely = false,
): Promise<OnnxSession> {
  const { name } = provider
  const isGenerated = 'writeGraph' in source
  const cpuOptions = {
    graphOptimizationLevel: 'extended',
    enableCpuMemArena: !isRunRarely,
    // A plan of all memory that a step takes, in one piece, is larger than what it takes bit by bit.
    enableMemPattern: false,
  } as const
  const graph = isGenerated
    ? source.writeGraph(provider.variant ?? DEFAULT_VARIANT)
    : 'graph' in source
      ? source.graph
      : source.file
  const session = await createSession(graph, {
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
  const inputs = new Map<string, InputMetadata>()
  for (const metadata of session.inputMetadata) {
    if (metadata.isTensor) inputs.set(metadata.name, { type: metadata.type, dims: metadata.shape })
  }
  return {
    inputs,
    outputs: session.outputNames,
    async run(inputData, outputNames) {
      const feeds: Record<string, Tensor> = {}
      for (const [name, values] of Object.entries(inputData)) feeds[name] = toTensor(inputs.get(name)!.type, values)
      const results = await session.run(feeds, outputNames).catch((cause: Error) => {
        throw asOutOfMemoryError(cause) ?? new InferenceError(cause.message.split('\n')[0], { cause })
      })
      const named = Object.entries(results).map(([name, tensor]) => [name, fromTensor(tensor)])
      for (const tensor of Object.values(results)) tensor.dispose()
      return Object.fromEntries(named)
    },
    close: () => session.release(),
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
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options)
}

function providerConfig({ name, index, layout }: ExecutionProvider): InferenceSession.ExecutionProviderConfig {
  if (layout) return { name: 'webgpu', preferredLayout: layout }
  if (index === undefined) return name
  const config = { name, deviceId: index }
  return config
}

function toTensor(type: Tensor.Type, { data, dims }: TensorData): Tensor {
  switch (type) {
    case 'float32':
      return new Tensor('float32', data, dims)
    case 'float16':
      return new Tensor('float16', floatToHalf(data), dims)
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

function fromTensor(tensor: Tensor): TensorData {
  const { data, dims } = tensor
  // A copy: what onnxruntime returned goes with the tensor.
  if (data instanceof Float32Array) return { data: data.slice(), dims }
  if (data instanceof Uint16Array) return { data: halfToFloat(data), dims }
  if (data instanceof Float64Array || data instanceof Uint8Array) return { data: Float32Array.from(data), dims }
  throw new TypeError(`outputs of type ${tensor.type} are not known`)
}
