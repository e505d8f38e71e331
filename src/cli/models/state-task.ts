import { controlNetFile, listControlNetNames } from '../../inference/checkpoint/controlnet-files.js'
import { type ControlNetTask, writeControlNetTask } from '../../inference/checkpoint/controlnet-task.js'
import { UserError } from '../../user-error.js'

/** `overscan models task`: say what an installed ControlNet is for. @throws UserError `controlnet-unknown` */
export async function stateControlNetTask(modelFolder: string, name: string, task: ControlNetTask): Promise<void> {
  const known = listControlNetNames(modelFolder)
  if (!known.includes(name)) {
    throw new UserError({ code: 'controlnet-unknown', controlnet: name, known: known.join(', ') })
  }
  await writeControlNetTask(controlNetFile(modelFolder, name), task)
}
