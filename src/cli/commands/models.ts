import { Command } from 'commander'
import { parseEnvVars } from '../../config.js'
import { cancelOnInterrupt } from '../cancel-on-interrupt.js'
import { printLine } from '../print-line.js'
import { createProgressBar } from '../progress-bar.js'

export function createModelsCommand(): Command {
  const models = new Command('models').description('add, list and check models')
  models
    .command('add')
    .description(
      'add a checkpoint, an object-removal model (.onnx) or a model folder: from a path, the catalog, a URL or Hugging Face',
    )
    .argument('<from>', 'file or folder, name in the catalog, https://…, owner/name or owner/name/file.safetensors')
    .option('--name <name>', 'name of the model')
    .option('--sha256 <hash>', 'expected SHA-256 of a file from a URL')
    .action(async (from: string, { name, sha256 }: { name?: string; sha256?: string }) => {
      const { addModel, describeModel } = await import('../models/add-model.js')
      const { modelSources } = await import('../models/model-sources.js')
      const signal = cancelOnInterrupt()
      const bar = createProgressBar(process.stderr, 'downloading')
      const options = { name, sha256, signal, onProgress: (done: number) => bar.show(done) }
      const added = await addModel(from, modelSources(process.env), options).finally(() => bar.end())
      printLine(`Added ${describeModel(added)}.`)
    })
  models
    .command('list')
    .description('list the installed models')
    .action(async () => {
      const { listModels } = await import('../models/list-models.js')
      for (const line of await listModels(modelFolder())) printLine(line)
    })
  models
    .command('catalog')
    .alias('catalogue')
    .description('list the models that you can add by name: size, license, memory, and whether they fit this machine')
    .action(async () => {
      const { defaultDeviceMemory } = await import('../models/device-memory.js')
      const { catalogLines } = await import('../models/model-catalog.js')
      for (const line of catalogLines(modelFolder(), await defaultDeviceMemory())) printLine(line)
    })
  models
    .command('check')
    .description('check that models are complete and run, and print the SHA-256 of their files')
    .argument('[name...]', 'models to check (default: all)')
    .action(async (names: string[]) => {
      const { checkModels } = await import('../models/check-models.js')
      if (!(await checkModels(modelFolder(), names, printLine))) process.exitCode = 2
    })
  return models
}

function modelFolder(): string {
  return parseEnvVars(process.env, ['MODEL_FOLDER']).MODEL_FOLDER
}
