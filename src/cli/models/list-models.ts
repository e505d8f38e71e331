import { problemMessage } from '../../i18n/i18n.js'
import { findAnyModel, MAX_NAME_LENGTH, tooLongModelNames } from '../../inference/engines/model-folder.js'
import { summarizeModel } from '../../inference/engines/model-summary.js'
import { availableDevices } from '../../inference/onnx/devices.js'
import { UserError } from '../../user-error.js'
import { alignColumns, formatBytes } from '../text-table.js'
import { installedModelNames } from './installed-models.js'
import { describeInputs, kindName, taskAdvice } from './model-kind.js'

/** The lines of `overscan models list`: a table with a row for each model, or its problem. */
export async function listModels(modelFolder: string): Promise<string[]> {
  const names = installedModelNames(modelFolder)
  const tooLong = tooLongNames(modelFolder)
  if (names.length === 0) return noModels(modelFolder)
  const devices = (await availableDevices()).flatMap(({ name, works }) => (works ? [name] : [])).join(' ')
  const advice: string[] = []
  const rows = [['name', 'kind', 'channels', 'precision', 'size', 'devices']]
  for (const name of names) {
    const path = findAnyModel(modelFolder, name)!
    try {
      const summary = await summarizeModel(path)
      const { kind, precision, bytes } = summary
      rows.push([name, kindName(kind), describeInputs(summary), precision, formatBytes(bytes), devices])
      const said = taskAdvice(name, summary)
      if (said !== undefined) advice.push(said)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      rows.push([name, problemMessage(error.problem)])
    }
  }
  return [...alignColumns(rows), ...tooLong, ...advice]
}

/** What to say where no model can be used. */
export function noModels(modelFolder: string): string[] {
  const none = `No models in ${modelFolder}. Run “overscan models catalog” to see models that you can add.`
  return [...tooLongNames(modelFolder), none]
}

/** A line for each model that is left out because of its name. */
export function tooLongNames(modelFolder: string): string[] {
  return tooLongModelNames(modelFolder).map(model =>
    problemMessage({ code: 'model-name-too-long', model, limit: MAX_NAME_LENGTH }),
  )
}
