import { readdirSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { problemMessage } from '../../i18n/i18n.js'
import { loadDiffusionModel } from '../../inference/engines/diffusion/model/diffusion-model.js'
import { controlNetRuns } from '../../inference/engines/diffusion/model/run-controlnet.js'
import { loadRemovalModel } from '../../inference/engines/erase/removal-model.js'
import { findAnyModel, isEraserFile } from '../../inference/engines/model-folder.js'
import { type ModelSummary, summarizeModel } from '../../inference/engines/model-summary.js'
import { loadUpscaleNetwork } from '../../inference/engines/upscale/network.js'
import { filledMask, filledPixels, PAINT } from '../../inference/image/pixels.js'
import { CPU_PROVIDER } from '../../inference/onnx/verified-session.js'
import { segmentFilesIn } from '../../inference/segment/segment-folder.js'
import { loadSegmentModel } from '../../inference/segment/segment-model.js'
import { UserError } from '../../user-error.js'
import { fileSha256 } from './download.js'
import { installedModelNames } from './installed-models.js'
import { noModels, tooLongNames } from './list-models.js'
import { describeKind, taskAdvice } from './model-kind.js'
import { checksumChanged, readPinnedChecksums } from './pinned-checksums.js'

/**
 * `overscan models check`: print the SHA-256 of each file, compare it with the pinned one, look for missing parts, and run one step on
 * the CPU.
 *
 * @param names of models; all installed ones if empty
 * @param print receives one line at a time
 * @returns whether all models passed
 */
export async function checkModels(
  modelFolder: string,
  names: readonly string[],
  print: (line: string) => void,
): Promise<boolean> {
  const installed = installedModelNames(modelFolder)
  if (installed.length === 0) {
    noModels(modelFolder).forEach(print)
    return names.length === 0
  }
  if (names.length === 0) tooLongNames(modelFolder).forEach(print)
  let allPassed = true
  const pins = await readPinnedChecksums(modelFolder)
  for (const name of names.length > 0 ? names : installed) {
    try {
      const path = findAnyModel(modelFolder, name)
      if (path === undefined) {
        throw new UserError({ code: 'engine-unknown', engine: name, known: installed.join(', ') })
      }
      for (const file of modelFiles(path)) {
        const sha256 = await fileSha256(file)
        print(`${sha256}  ${file}`)
        const pin = pins[relative(modelFolder, file).split(sep).join('/')]
        if (pin && pin.sha256 !== sha256) throw checksumChanged(modelFolder, file, sha256, pin.sha256)
      }
      const summary = await summarizeModel(path)
      const { kind, precision } = summary
      if (!(await runsOneStep(path, kind))) throw new UserError({ code: 'model-overflowed', model: name })
      print(`${name}: OK (${describeKind(summary)}, ${precision})`)
      const said = taskAdvice(name, summary)
      if (said !== undefined) print(said)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      allPassed = false
      print(`${name}: ${problemMessage(error.problem)}`)
    }
  }
  return allPassed
}

function modelFiles(path: string): string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

/** Whether one step on a small picture gives finite numbers on the CPU. An object-removal model only has to finish. */
export async function runsOneStep(path: string, kind: ModelSummary['kind']): Promise<boolean> {
  if (kind === 'ControlNet') return controlNetRuns(path)
  if (kind === 'upscaler') {
    const network = await loadUpscaleNetwork(path, CPU_PROVIDER.name)
    const size = network.inputSize ?? { width: 64, height: 64 }
    await network.enlarge(filledPixels(size, 128)).finally(() => network.close()) // throws for values that aren't finite
    return true
  }
  if (isEraserFile(path)) {
    const eraser = await loadRemovalModel(path, CPU_PROVIDER.name)
    const size = eraser.workSize ?? { width: 64, height: 64 }
    await eraser.erase(filledPixels(size), filledMask(size, PAINT)).finally(() => eraser.close())
    return true
  }
  if (segmentFilesIn(path)) {
    const model = await loadSegmentModel(path)
    const select = async () => {
      const embedding = await model.encode(filledPixels({ width: 64, height: 64 }))
      const { best } = await model.decode(embedding, { points: [{ x: 32, y: 32, inside: true }] })
      return best.logits.data.every(Number.isFinite)
    }
    return select().finally(() => model.close())
  }
  const model = await loadDiffusionModel(path, 'cpu', { mayBeRefiner: true })
  try {
    const [height, width] = model.unet.fixedSize ?? [8, 8] // of latents
    const size = { width: width * 8, height: height * 8 }
    const { negative: condition } = await model.encodePrompts({ positive: [], negative: '' }, size)
    const row = { sample: new Float32Array(model.unet.channels * height * width).fill(0.5), condition }
    const [output] = await model.unet.predict([row], 500, { size: [height, width], guidanceScale: 1 })
    return output!.every(Number.isFinite)
  } finally {
    await model.close()
  }
}
