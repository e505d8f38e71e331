import { existsSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { CHECKPOINT_EXTENSION } from '../../inference/checkpoint/checkpoint.js'
import { listLoraNames } from '../../inference/checkpoint/lora.js'
import { readSafetensors } from '../../inference/checkpoint/safetensors.js'
import { findModel, MAX_NAME_LENGTH, tooLongModelNames } from '../../inference/engines/model-folder.js'
import { summarizeModel } from '../../inference/engines/model-summary.js'
import { createEngineRegistry } from '../../inference/engines/registry.js'
import { UserError } from '../../user-error.js'
import { describeModel, PICKLE_EXTENSIONS } from '../models/add-model.js'
import { runsOneStep } from '../models/check-models.js'
import { installedModelNames } from '../models/installed-models.js'
import { taskAdvice } from '../models/model-kind.js'
import type { Check, CheckGroup, Finding } from './check.js'
import { problemFinding } from './check.js'

const models: Check = {
  id: 'models',
  title: 'Models',
  dependsOn: ['settings'],
  runsAlone: true,
  timeout: {
    seconds: 1800,
    state: 'warning',
    says: 'checking the models takes too long',
    todo: 'Check whether MODEL_FOLDER is on a network drive, and check each model with “overscan models check NAME”.',
  },
  async run({ config, deep }) {
    const folder = config.MODEL_FOLDER
    const findings: Finding[] = []
    for (const name of installedModelNames(folder))
      findings.push(await modelFinding(name, findModel(folder, name)!, deep))
    for (const name of listLoraNames(folder)) {
      const path = join(folder, 'lora', `${name}${CHECKPOINT_EXTENSION}`)
      findings.push(
        await asWarning(async () => {
          await readSafetensors(path)
          return { state: 'ok', says: `the LoRA ${name} is complete` }
        }),
      )
    }
    for (const model of tooLongModelNames(folder)) {
      const problem = { code: 'model-name-too-long', model, limit: MAX_NAME_LENGTH } as const
      findings.push(problemFinding(new UserError(problem), 'warning'))
    }
    if (config.MODEL !== undefined) findings.push(...configuredModelFindings(folder, config.MODEL))
    for (const file of existsSync(folder) ? readdirSync(folder) : []) {
      if (PICKLE_EXTENSIONS.has(extname(file))) {
        findings.push(problemFinding(new UserError({ code: 'checkpoint-is-pickle', file }), 'warning'))
      }
    }
    if (findings.length > 0) return findings
    return { state: 'ok', says: `no models in ${folder}; the built-in model “fill” paints` }
  },
}

/** Whether the model in `MODEL` is installed: otherwise the bot doesn't start. */
function configuredModelFindings(modelFolder: string, model: string): readonly Finding[] {
  try {
    createEngineRegistry({ modelFolder }).get(model)
    return []
  } catch (error) {
    return [problemFinding(error, 'error')]
  }
}

function modelFinding(name: string, path: string, deep: boolean): Promise<Finding> {
  return asWarning(async () => {
    const summary = await summarizeModel(path)
    const what = describeModel({ name, summary })
    const advice = taskAdvice(name, summary)
    if (advice !== undefined) return { state: 'warning', says: `${what} is complete`, todo: advice }
    if (!deep) return { state: 'ok', says: `${what} is complete` }
    if (!(await runsOneStep(path, summary.kind))) throw new UserError({ code: 'model-overflowed', model: name })
    return { state: 'ok', says: `${what} is complete, and one step works` }
  })
}

/** An unusable model doesn't prevent the bot from starting. */
async function asWarning(check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check()
  } catch (error) {
    return problemFinding(error, 'warning')
  }
}

export const modelsGroup: CheckGroup = { title: 'Models', checks: [models] }
