import { join } from 'node:path'
import { parseEnvVars } from '../../config.js'
import { UserError } from '../../user-error.js'
import { listLoraNames } from '../checkpoint/lora.js'
import type { Edit } from '../pipeline/edit.js'
import type { Method } from './fill/presets.js'
import { findModel, isEraserFile, listModelNames, modelSizeBytes } from './model-folder.js'

/** What an engine can do besides going on from a picture. */
export type EngineInfo = {
  readonly name: string
  /** It reads prompts, and starts from what lies under a mask as `strength` and `content` say. */
  readonly supportsPrompt: boolean
  /** It paints with no picture to start from. */
  readonly supportsTextToImage: boolean
}

/** Engines that need no model. */
const BUILT_IN: readonly Method[] = ['fill', 'fill:exemplar', 'fill:texture', 'fill:pde']

/** The engine that is taken where none is named. */
export const DEFAULT_ENGINE = 'fill'

/** What can be chosen from, the default first: what is built in, then each model that lies in the models' folder now. */
export function installedEngines(): EngineInfo[] {
  const own = BUILT_IN.map(name => ({ name, supportsPrompt: false, supportsTextToImage: false }))
  const names = listModelNames(modelFolder()).filter(name => !isBuiltIn(name))
  const able = (name: string) => !isEraserFile(pathOf(name))
  return [...own, ...names.map(name => ({ name, supportsPrompt: able(name), supportsTextToImage: able(name) }))]
}

/** What prompts can ask for as `<lora:name:1>`, with checkpoints. */
export function installedLoras(): string[] {
  return listLoraNames(modelFolder())
}

/** Whether an engine needs no model. */
export function isBuiltIn(name: string): name is Method {
  return (BUILT_IN as readonly string[]).includes(name)
}

/** Where an engine's model lies. */
export function pathOf(name: string): string {
  return findModel(modelFolder(), name) ?? join(modelFolder(), name)
}

/** Where models lie. */
export function modelFolder(): string {
  return parseEnvVars(process.env, ['MODEL_FOLDER']).MODEL_FOLDER
}

/** @throws ProblemError `engine-unknown` */
export function engineNamed(name: string): EngineInfo {
  const info = installedEngines().find(engine => engine.name === name)
  if (!info) {
    const known = installedEngines().map(engine => engine.name)
    throw new UserError({ code: 'engine-unknown', engine: name, known: known.join(', ') })
  }
  return info
}

/**
 * The engine that paints an edit: the one that was named, if it can, or the first that can.
 *
 * @throws ProblemError `engine-unknown`, `needs-model`
 */
export function engineFor(edit: Edit, named: string = DEFAULT_ENGINE): EngineInfo {
  const wanted = engineNamed(named)
  if (edit.kind !== 'imagine' || wanted.supportsTextToImage) return wanted
  const able = installedEngines().find(engine => engine.supportsTextToImage)
  if (!able) throw new UserError({ code: 'needs-model', what: 'imagine' })
  return able
}

/** About how much memory an engine's model takes, in bytes: as much as its files; 0 for what is built in. */
export function bytesOf(name: string): number {
  return isBuiltIn(name) ? 0 : modelSizeBytes(pathOf(name))
}
