import { UserError } from '../../../../user-error.js'
import { findModel, isEraserFile, listModelNames } from '../../model-folder.js'
import { type DiffusionModel, type LoadOptions, loadDiffusionModel } from './diffusion-model.js'

/**
 * Load the model that continues what another one began.
 *
 * @param modelFolder the folder of the models
 * @param base the model that begins
 * @throws UserError `engine-unknown`, `refiner-unfit`, those of `loadDiffusionModel`
 */
export async function loadRefiner(
  modelFolder: string,
  name: string,
  base: DiffusionModel,
  device: string,
  options: LoadOptions,
): Promise<DiffusionModel> {
  const path = listModelNames(modelFolder).includes(name) ? findModel(modelFolder, name) : undefined
  if (path === undefined || isEraserFile(path)) {
    throw new UserError({ code: 'engine-unknown', engine: name, known: listModelNames(modelFolder).join(', ') })
  }
  const refiner = await loadDiffusionModel(path, device, { ...options, mayBeRefiner: true })
  if (canContinue(base, refiner)) return refiner
  await refiner.close()
  throw new UserError({ code: 'refiner-unfit', refiner: name, model: base.name })
}

/**
 * Both need latents of the same kind and the same timesteps. An inpainting model sees the masked picture, which exists only
 * for another one.
 */
function canContinue(base: DiffusionModel, refiner: DiffusionModel): boolean {
  const [one, other] = [base.schedule, refiner.schedule]
  return (
    base.family === refiner.family &&
    (one.edm === undefined) === (other.edm === undefined) &&
    one.config.num_train_timesteps === other.config.num_train_timesteps &&
    (refiner.unet.channels === 4 || base.unet.channels === 9)
  )
}
