import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { fromTensor, toTensor } from './convert-tensor.js'
import { onnxruntime, preloadProvider } from './cuda-folder.js'
import { DeviceTensor, type InputTensor, readerGraph } from './device-tensor.js'
import { assertGraphIsFile } from './model-file.js'
import { detectOutOfMemory } from './out-of-memory.js'
import type { TensorData } from './tensor-data.js'

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
    inputs: Readonly<Record<string, InputTensor>>,
    outputNames: readonly Name[],
  ): Promise<Record<Name, TensorData>>
  /**
   * Run the graph and leave all of its outputs where they were computed, for runs of other graphs on the same device, in the type that
   * the graph gives them. Undefined where the results have to be looked at.
   *
   * @throws InferenceError, OutOfMemoryError among them
   */
  readonly runOnDevice?: (inputs: Readonly<Record<string, InputTensor>>) => Promise<Record<string, DeviceTensor>>
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
      /** Other graphs read its outputs, which are in single precision: they stay on the device where it can keep them. */
      readonly outputsStayOnDevice?: true
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
  // As of onnxruntime-node 1.30 only WebGPU can. All outputs have to be asked for then.
  const keepsOutputs = isGenerated && source.outputsStayOnDevice === true && name === 'webgpu'
  const graph = isGenerated ? source.writeGraph(variant) : 'graph' in source ? source.graph : source.file
  const open = () =>
    createSession(graph, {
      executionProviders: [providerConfig(provider)],
      logSeverityLevel: 3,
      ...(keepsOutputs && { preferredOutputLocation: 'gpu-buffer' as const }),
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
  /** Reads what is on the device. */
  let reader: Promise<OnnxSession> | undefined
  const suspend = async () => {
    const [last, lastReader] = [current, reader]
    current = reader = undefined
    await last?.release()
    await (await lastReader)?.close()
  }
  const inputs = new Map<string, InputMetadata>()
  for (const metadata of inputMetadata) {
    if (metadata.isTensor) inputs.set(metadata.name, { type: metadata.type, dims: metadata.shape })
  }
  const toFeed = (input: string, values: InputTensor): Tensor => {
    if (values instanceof DeviceTensor) return values.tensor
    const { type } = inputs.get(input)!
    const kept = converted.get(values)
    const tensor = kept?.type === type ? kept : toTensor(type, values)
    if (type !== 'float32') converted.set(values, tensor)
    return tensor
  }
  const runGraph = async (inputData: Readonly<Record<string, InputTensor>>, wanted: readonly string[]) => {
    if (isClosed) throw new InferenceError(`${source.name} is closed`)
    current ??= await open()
    const feeds = Object.entries(inputData).map(([input, values]) => [input, toFeed(input, values)] as const)
    return current.run(Object.fromEntries(feeds), wanted).catch((cause: Error) => {
      throw asOutOfMemoryError(cause) ?? new InferenceError(cause.message.split('\n')[0], { cause })
    })
  }
  const read = async (tensor: Tensor): Promise<TensorData> => {
    if (!keepsOutputs) return fromTensor(tensor)
    reader ??= openOnnxSession({ name: 'reader', folder: '/', graph: readerGraph() }, provider).catch(cause => {
      reader = undefined
      throw cause
    })
    const { values } = await (await reader).run({ tensor: new DeviceTensor(tensor) }, ['values'])
    return values
  }
  return {
    ...(isGenerated && { variant }),
    inputs,
    outputs: outputNames,
    async run<Name extends string>(inputData: Readonly<Record<string, InputTensor>>, wanted: readonly Name[]) {
      const results = await runGraph(inputData, keepsOutputs ? outputNames : wanted)
      try {
        const named: [Name, TensorData][] = []
        for (const output of wanted) named.push([output, await read(results[output]!)])
        return Object.fromEntries(named) as Record<Name, TensorData>
      } finally {
        for (const tensor of Object.values(results)) tensor.dispose()
      }
    },
    async runOnDevice(inputData) {
      const results = await runGraph(inputData, outputNames)
      return Object.fromEntries(Object.entries(results).map(([output, tensor]) => [output, new DeviceTensor(tensor)]))
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
