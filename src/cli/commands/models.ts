import { Argument, Command, Option } from 'commander'
import { parseEnvVars } from '../../config.js'
import { CONTROLNET_TASKS, type ControlNetTask } from '../../inference/checkpoint/controlnet-task.js'
import { cancelOnInterrupt } from '../cancel-on-interrupt.js'
import type { ModelPlan } from '../models/model-plan.js'
import { printLine } from '../print-line.js'
import { createProgressBar } from '../progress-bar.js'

type AddOptions = { name?: string; sha256?: string; dryRun?: boolean; task?: ControlNetTask }

export function createModelsCommand(): Command {
  const models = new Command('models').description('add, list and check models')
  models
    .command('add')
    .description(
      'add a checkpoint, an object-removal model (.onnx), an upscaler, a ControlNet or a model folder: from a path, the catalog, a URL or Hugging Face',
    )
    .argument('<from>', 'file or folder, name in the catalog, https://…, owner/name or owner/name/file.safetensors')
    .option('--name <name>', 'name of the model')
    .option('--sha256 <hash>', 'expected SHA-256 of a file from a URL')
    .addOption(new Option('--task <task>', 'what a ControlNet is for').choices(CONTROLNET_TASKS))
    .option('--dry-run', 'only print what would be added: source, files, size and license')
    .action(async (from: string, { name, sha256, dryRun, task }: AddOptions) => {
      const { addModel, describeModel } = await import('../models/add-model.js')
      const { describePlan } = await import('../models/model-plan.js')
      const { modelSources } = await import('../models/model-sources.js')
      const signal = cancelOnInterrupt()
      const bar = createProgressBar(process.stderr, 'downloading')
      const onPlan = (plan: ModelPlan) => describePlan(plan).forEach(printLine)
      const options = { name, sha256, dryRun, task, signal, onPlan, onProgress: (done: number) => bar.show(done) }
      const added = await addModel(from, modelSources(process.env), options).finally(() => bar.end())
      if (dryRun) return
      printLine(`Added ${describeModel(added)}.`)
      if (added.summary) await printDefaults()
    })
  models
    .command('task')
    .description('say what an installed ControlNet is for: a model uses one for inpainting by itself')
    .argument('<name>', 'name of the ControlNet')
    .addArgument(new Argument('<task>', 'its task').choices(CONTROLNET_TASKS))
    .action(async (name: string, task: ControlNetTask) => {
      const { stateControlNetTask } = await import('../models/state-task.js')
      await stateControlNetTask(modelFolder(), name, task)
      printLine(`The ControlNet “${name}” is for ${task}.`)
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

async function printDefaults(): Promise<void> {
  const { describeDefaults } = await import('../models/describe-defaults.js')
  const { MODEL } = parseEnvVars(process.env, ['MODEL'])
  for (const line of describeDefaults(modelFolder(), MODEL)) printLine(line)
  printLine('Restart the bot, if it runs, to use the model.')
}

function modelFolder(): string {
  return parseEnvVars(process.env, ['MODEL_FOLDER']).MODEL_FOLDER
}
