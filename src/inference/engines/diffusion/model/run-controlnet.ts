import { UserError } from '../../../../user-error.js'
import { readControlNet } from '../../../checkpoint/controlnet.js'
import { readControlNetExport } from '../../../checkpoint/controlnet-export.js'
import { isExportFolder } from '../../../checkpoint/controlnet-files.js'
import { controlNetGraph } from '../../../checkpoint/controlnet-graph.js'
import { moduleWeights } from '../../../checkpoint/module-weights.js'
import { commonFolder } from '../../../onnx/graph-builder.js'
import { type GraphSource, openOnnxSession } from '../../../onnx/session.js'
import { CPU_PROVIDER } from '../../../onnx/verified-session.js'
import { syntheticInputs } from './diffusion-model.js'

/**
 * Whether a ControlNet computes finite numbers on the CPU, without a model that it fits.
 *
 * @throws UserError `checkpoint-incomplete`, `model-unreadable`, those of `readControlNet` and `readControlNetExport`
 */
export async function controlNetRuns(path: string): Promise<boolean> {
  const source = isExportFolder(path) ? readControlNetExport(path) : await readSource(path)
  try {
    const session = await openOnnxSession(source, CPU_PROVIDER)
    const found = await session.run(syntheticInputs(session), session.outputs).finally(() => session.close())
    return Object.values(found).every(({ data }) => data.every(Number.isFinite))
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new UserError({ code: 'model-unreadable', model: source.name, detail }, { cause })
  }
}

async function readSource(path: string): Promise<GraphSource> {
  const { name, tensors, config } = await readControlNet(path)
  const missing = new Set<string>()
  const folder = commonFolder([...new Set([...tensors.values()].map(tensor => tensor.file))])
  const variant = { precision: 'single', attention: 'fused' } as const
  const task = tensors.has('task_embedding') ? 0 : undefined
  const graph = controlNetGraph(moduleWeights(tensors, missing), config, variant, folder, { task })
  if (missing.size > 0) {
    throw new UserError({ code: 'checkpoint-incomplete', file: name, missing: [...missing].slice(0, 5).join(', ') })
  }
  return { name, folder, graph }
}
