import { Command } from 'commander'
import { parseEnvVars } from '../../config.js'
import { cancelOnInterrupt } from '../cancel-on-interrupt.js'
import { printLine } from '../print-line.js'
import { createProgressBar } from '../progress-bar.js'

export function modelsCommand(): Command {
  const models = new Command('models').description('what Stable Diffusion models there are to paint with')
  models
    .command('add')
    .description(
      'a checkpoint, a network that erases (.onnx) or a folder, from here, the catalogue, an address or Hugging Face',
    )
    .argument(
      '<from>',
      'a file or folder, a name of the catalogue, https://…, owner/name or owner/name/file.safetensors',
    )
    .option('--name <name>', 'what to call it')
    .option('--sha256 <hash>', 'of a file from an address, as its page tells it')
    .action(async (from: string, { name, sha256 }: { name?: string; sha256?: string }) => {
      const { addModel, describeModel } = await import('../models/add-model.js')
      const { modelSources } = await import('../models/model-sources.js')
      const signal = cancelOnInterrupt()
      const bar = createProgressBar(process.stderr, 'downloading')
      const options = { name, sha256, signal, onProgress: (done: number) => bar.show(done) }
      const added = await addModel(from, modelSources(process.env), options).finally(() => bar.end())
      printLine(describeModel(added))
    })
  models
    .command('list')
    .description('what is there, and what it is')
    .action(async () => {
      const { listModels } = await import('../models/list-models.js')
      for (const line of await listModels(modelFolder())) printLine(line)
    })
  models
    .command('catalogue')
    .description('what can be added by its name: size, licence, memory, and whether it fits this machine')
    .action(async () => {
      const { defaultDeviceMemory } = await import('../models/device-memory.js')
      const { catalogLines } = await import('../models/model-catalog.js')
      for (const line of catalogLines(modelFolder(), await defaultDeviceMemory())) printLine(line)
    })
  models
    .command('check')
    .description('whether models are whole and compute, with the hashes of their files')
    .argument('[name...]', 'all of them if none is named')
    .action(async (names: string[]) => {
      const { checkModels } = await import('../models/check-models.js')
      if (!(await checkModels(modelFolder(), names, printLine))) process.exitCode = 2
    })
  return models
}

function modelFolder(): string {
  return parseEnvVars(process.env, ['MODEL_FOLDER']).MODEL_FOLDER
}
