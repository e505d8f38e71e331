import { existsSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { CHECKPOINT } from '../../inference/checkpoint/checkpoint.js'
import { readSafetensors } from '../../inference/checkpoint/safetensors.js'
import { modelNames, modelPath } from '../../inference/engines/diffusion/model/model-files.js'
import { summaryOf } from '../../inference/engines/diffusion/model/read-model.js'
import { installedLoras, modelFolder } from '../../inference/engines/registry.js'
import { ProblemError } from '../../user-error.js'
import { computes, describe, PICKLES } from '../manage-models.js'
import type { Check, Finding, Group } from './check.js'
import { problemFound } from './check.js'

const models: Check = {
  id: 'models',
  title: 'Models',
  after: ['settings'],
  alone: true,
  late: {
    seconds: 1800,
    state: 'warning',
    says: 'they do not come to an end',
    todo: 'Look whether MODEL_FOLDER is on a network drive, and at each model with “overscan models check NAME”.',
  },
  async run({ deep }) {
    const folder = modelFolder()
    const findings: Finding[] = []
    for (const name of modelNames(folder)) findings.push(await modelFinding(name, modelPath(folder, name)!, deep))
    for (const name of installedLoras()) {
      const path = join(folder, 'lora', `${name}${CHECKPOINT}`)
      findings.push(
        await asWarning(async () => {
          await readSafetensors(path)
          return { state: 'right', says: `the LoRA ${name} is whole` }
        }),
      )
    }
    for (const file of existsSync(folder) ? readdirSync(folder) : []) {
      if (PICKLES.has(extname(file))) {
        findings.push(problemFound(new ProblemError({ code: 'checkpoint-pickled', file }), 'warning'))
      }
    }
    if (findings.length > 0) return findings
    return { state: 'right', says: `there are none in ${folder}: the built-in engine paints` }
  },
}

function modelFinding(name: string, path: string, deep: boolean): Promise<Finding> {
  return asWarning(async () => {
    const what = describe({ name, summary: await summaryOf(path) })
    if (!deep) return { state: 'right', says: `${what} is whole` }
    if (!(await computes(path))) throw new ProblemError({ code: 'model-overflowed', model: name })
    return { state: 'right', says: `${what} is whole, and a step comes to numbers` }
  })
}

/** A model that can't be used keeps nobody from starting. */
async function asWarning(look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look()
  } catch (error) {
    return problemFound(error, 'warning')
  }
}

export const modelsGroup: Group = { title: 'Models', checks: [models] }
