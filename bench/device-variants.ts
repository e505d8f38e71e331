import { syntheticInputs } from '../src/inference/engines/diffusion/model/diffusion-model.js'
import { readModelFiles } from '../src/inference/engines/diffusion/model/read-model-files.js'
import {
  type ExecutionProvider,
  type GraphSource,
  type OnnxSession,
  openOnnxSession,
} from '../src/inference/onnx/session.js'
import { sessionInParts } from '../src/inference/onnx/session-in-parts.js'
import type { TensorData } from '../src/inference/onnx/tensor-data.js'
import {
  CPU_PROVIDER,
  describeProvider,
  providerVariants,
  relativeDifference,
} from '../src/inference/onnx/verified-session.js'
import { median } from './median.js'
import { roundToSignificant } from './torch-steps.js'

/** Sides of inputs, in latents: for comparing, and for measuring. */
const [SMALL, LARGE] = [8, 64]

/** By what was tried: the largest difference relative to the largest value, and seconds of a run; or the error. */
type Compared = Record<string, { readonly off: number; readonly seconds: number } | string>

/** For each graph and each configuration of a device: the difference from the CPU's results, and seconds at 512×512. */
export async function deviceVariants(folder: string, device: string, rounds: number) {
  const { unet, vaeEncoder, vaeDecoder, textEncoders: texts, precision } = await readModelFiles(folder)
  const results: Record<string, Compared> = {}
  for (const source of [unet, vaeEncoder, vaeDecoder, ...texts.map(text => text.source)]) {
    results[source.name] = await compare(source, variantsOf(source, device, precision), rounds)
  }
  return results
}

/**
 * What small cards need, as {@link deviceVariants} measures it: the UNet in halves, the autoencoder in half and in single precision, and
 * on WebGPU the UNet in the default axis order, with zeros as further channels.
 *
 * @param device the CPU too, which has only one configuration
 */
export async function partChecks(folder: string, device: string, rounds: number) {
  const { unet, vaeEncoder, vaeDecoder, precision } = await readModelFiles(folder)
  const inDefaultOrder = (source: GraphSource) =>
    variantsOf(source, device, precision).filter(({ provider }) => provider.layout === undefined)
  const results: Record<string, Compared> = {}
  for (const source of [vaeEncoder, vaeDecoder]) {
    results[source.name] = await compare(source, inDefaultOrder(source), rounds)
  }
  if (device === 'webgpu') results['channels of zeros'] = await compare(unet, inDefaultOrder(unet), rounds)
  const [fastest] = inDefaultOrder(unet)
  const parts = 'writeGraph' in unet ? unet.parts : undefined
  if (parts && fastest) {
    const { provider } = fastest
    const open = async () => {
      const first = await openOnnxSession(parts[0], provider)
      await first.suspend()
      return sessionInParts(first, await openOnnxSession(parts[1], provider))
    }
    results['UNet in halves'] = await compare(unet, [{ ...fastest, open }], 1)
  }
  return results
}

type Variant = {
  readonly name: string
  readonly provider: ExecutionProvider
  readonly open: () => Promise<OnnxSession>
}

function variantsOf(source: GraphSource, device: string, precision: 'half' | 'single'): Variant[] {
  return providerVariants(device, 'writeGraph' in source, precision).map(provider => ({
    name: describeProvider(device, provider),
    provider,
    open: () => openOnnxSession(source, provider),
  }))
}

/** The variants of a graph next to the CPU. */
async function compare(source: GraphSource, variants: readonly Variant[], rounds: number): Promise<Compared> {
  const processor = await openOnnxSession(source, CPU_PROVIDER, true)
  const [output] = processor.outputs
  const run = async (session: OnnxSession, latents: number): Promise<TensorData> =>
    (await session.run(syntheticInputs(session, latents), [output!]))[output!]!
  const expected = await run(processor, SMALL).finally(() => processor.close())
  const results: Compared = {}
  for (const { name, open } of variants) {
    try {
      const session = await open()
      try {
        const off = roundToSignificant(relativeDifference(expected, await run(session, SMALL)))
        await run(session, LARGE)
        const times: number[] = []
        for (let round = 0; round < rounds; round++) {
          const begun = performance.now()
          await run(session, LARGE)
          times.push((performance.now() - begun) / 1000)
        }
        results[name] = { off, seconds: roundToSignificant(median(times)) }
      } finally {
        await session.close()
      }
    } catch (error) {
      results[name] = (error as Error).message.split('\n')[0]!
    }
  }
  return results
}
