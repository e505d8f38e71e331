import { UserError } from '../../../user-error.js'
import type { Engine } from '../../pipeline/engine.js'
import { findModel, isEraserFile, listModelNames } from '../model-folder.js'
import { eraseEngine } from './engine.js'

/** An installed object-removal model, for another engine. @throws UserError `engine-unknown` */
export function openEraser(modelFolder: string, name: string, device: string, log: (line: string) => void): Engine {
  const path = listModelNames(modelFolder).includes(name) ? findModel(modelFolder, name) : undefined
  if (path === undefined || !isEraserFile(path)) {
    throw new UserError({ code: 'engine-unknown', engine: name, known: listModelNames(modelFolder).join(', ') })
  }
  return eraseEngine(name, path, device, log)
}
