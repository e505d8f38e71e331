import { join } from 'node:path'
import { settingsIn } from '../../config.js'
import { ProblemError } from '../../problem.js'
import { loraNames } from '../checkpoint/lora.js'
import type { Edit } from '../edit.js'
import type { Engine } from '../engine.js'
import { diffusionEngine } from './diffusion/diffusion.js'
import { isEraser, modelBytes, modelNames, modelPath } from './diffusion/models.js'
import { eraseEngine } from './erase/erase.js'
import { fillEngine } from './fill/fill.js'

/** What an engine can do besides going on from a picture. */
export type EngineInfo = {
  readonly name: string
  /** It reads prompts, and starts from what lies under a mask as `strength` and `content` say. */
  readonly reads: boolean
  /** It paints with no picture to start from. */
  readonly imagines: boolean
}

/** Engines that need no model, by their names, and how to start them. */
const builtIn: Readonly<Record<string, Omit<EngineInfo, 'name'> & { readonly start: () => Engine }>> = {
  fill: { reads: false, imagines: false, start: () => fillEngine('fill') },
  'fill:exemplar': { reads: false, imagines: false, start: () => fillEngine('fill:exemplar') },
  'fill:texture': { reads: false, imagines: false, start: () => fillEngine('fill:texture') },
  'fill:pde': { reads: false, imagines: false, start: () => fillEngine('fill:pde') },
}

/** The engine that is taken where none is named. */
export const DEFAULT_ENGINE = 'fill'

/** What can be chosen from, the default first: what is built in, then each model that lies in the models' folder now. */
export function installedEngines(): EngineInfo[] {
  const own = Object.entries(builtIn).map(([name, { reads, imagines }]) => ({ name, reads, imagines }))
  const names = modelNames(modelFolder()).filter(name => !(name in builtIn))
  const able = (name: string) => !isEraser(pathOf(name))
  return [...own, ...names.map(name => ({ name, reads: able(name), imagines: able(name) }))]
}

/** What prompts can ask for as `<lora:name:1>`, with checkpoints. */
export function installedLoras(): string[] {
  return loraNames(modelFolder())
}

function pathOf(name: string): string {
  return modelPath(modelFolder(), name) ?? join(modelFolder(), name)
}

/** Where models lie. */
export function modelFolder(): string {
  return settingsIn(process.env, ['MODEL_FOLDER']).MODEL_FOLDER
}

/** @throws ProblemError `engine-unknown` */
export function engineNamed(name: string): EngineInfo {
  const info = installedEngines().find(engine => engine.name === name)
  if (!info) {
    const known = installedEngines().map(engine => engine.name)
    throw new ProblemError({ code: 'engine-unknown', engine: name, known: known.join(', ') })
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
  if (edit.kind !== 'imagine' || wanted.imagines) return wanted
  const able = installedEngines().find(engine => engine.imagines)
  if (!able) throw new ProblemError({ code: 'needs-model', what: 'imagine' })
  return able
}

/** @throws ProblemError `engine-unknown`, `configuration-wrong` */
export function startEngine(name: string): Engine {
  const known = engineNamed(name).name
  const own = builtIn[known]
  if (own) return own.start()
  // A program that paints by itself takes the first, where several are named.
  const [device] = settingsIn(process.env, ['DEVICE']).DEVICE ?? []
  const tell = (line: string) => process.stderr.write(`${line}\n`)
  const make = isEraser(pathOf(known)) ? eraseEngine : diffusionEngine
  return make(known, pathOf(known), device, tell)
}

/** About how much memory an engine's model takes, in bytes: as much as its files; 0 for what is built in. */
export function bytesOf(name: string): number {
  return name in builtIn ? 0 : modelBytes(pathOf(name))
}
