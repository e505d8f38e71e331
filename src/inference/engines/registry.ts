import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../user-error.js'
import { listLoraNames } from '../checkpoint/lora.js'
import type { Edit } from '../pipeline/edit.js'
import { METHODS, type Method } from './fill/methods.js'
import { findModel, isEraserFile, listModelNames, modelSizeBytes } from './model-folder.js'

/** What an engine can do in addition to continuing a picture. */
export type EngineInfo = {
  readonly name: string
  /** It reads prompts, and starts from the masked content as `strength` and `content` say. */
  readonly supportsPrompt: boolean
  /** It paints without a picture to start from. */
  readonly supportsTextToImage: boolean
}

/** Engines that need no model. */

/** The engine that is used where none is named. */
export const DEFAULT_ENGINE = 'fill'

/** How often the model folder is compared with the last scan, at most, in milliseconds. */
const CHECK_INTERVAL_MS = 1000

/**
 * A folder that changed less than this long before a scan, in milliseconds, is scanned again: file systems round the times of
 * changes, so a later change can have the same time.
 */
const UNSETTLED_MS = 2000

/** Whether an engine needs no model. */
export function isBuiltIn(name: string): name is Method {
  return (METHODS as readonly string[]).includes(name)
}

/**
 * The engines and LoRAs of one model folder. The folder is scanned once, and again only when it changes: the bot asks with every
 * request and every key press. A change is seen after a second at the latest.
 */
export interface EngineRegistry {
  readonly modelFolder: string
  /** What can be chosen from, the default first: the built-in engines, then each installed model. */
  installed(): readonly EngineInfo[]
  /** The LoRAs that prompts can name as `<lora:name:1>`, with checkpoints. */
  loras(): readonly string[]
  /** @throws UserError `engine-unknown` */
  get(name: string): EngineInfo
  /**
   * The engine that paints an edit: the named one if it can, otherwise the first that can.
   *
   * @throws UserError `engine-unknown`, `needs-model`
   */
  forEdit(edit: Edit, name?: string): EngineInfo
  /** Where an engine's model is, or would be. */
  pathOf(name: string): string
  /** About how much memory an engine's model takes, in bytes: as much as its files; 0 for built-in engines. */
  bytesOf(name: string): number
}

type Scan = {
  readonly engines: readonly EngineInfo[]
  readonly loras: readonly string[]
  readonly signature: string
  /** The folder had been unchanged for long enough that its signature can be trusted. */
  readonly isSettled: boolean
}

export function createEngineRegistry({ modelFolder }: { readonly modelFolder: string }): EngineRegistry {
  let last: Scan | undefined
  let checkedAt = Number.NEGATIVE_INFINITY
  const pathOf = (name: string) => findModel(modelFolder, name) ?? join(modelFolder, name)

  function scan({ signature, newest }: FolderState): Scan {
    const builtIn = METHODS.map(name => ({ name, supportsPrompt: false, supportsTextToImage: false }))
    const models = listModelNames(modelFolder).filter(name => !isBuiltIn(name))
    const isDiffusion = (name: string) => !isEraserFile(pathOf(name))
    const engines = [
      ...builtIn,
      ...models.map(name => ({ name, supportsPrompt: isDiffusion(name), supportsTextToImage: isDiffusion(name) })),
    ]
    return { engines, loras: listLoraNames(modelFolder), signature, isSettled: Date.now() - newest > UNSETTLED_MS }
  }

  function current(): Scan {
    if (last && performance.now() - checkedAt < CHECK_INTERVAL_MS) return last
    checkedAt = performance.now()
    const state = folderState(modelFolder)
    if (!last?.isSettled || last.signature !== state.signature) last = scan(state)
    return last
  }

  const installed = () => current().engines

  function get(name: string): EngineInfo {
    const info = installed().find(engine => engine.name === name)
    if (info) return info
    const known = installed().map(engine => engine.name)
    throw new UserError({ code: 'engine-unknown', engine: name, known: known.join(', ') })
  }

  return {
    modelFolder,
    installed,
    loras: () => current().loras,
    get,
    forEdit(edit, name = DEFAULT_ENGINE) {
      const wanted = get(name)
      if (edit.kind !== 'imagine' || wanted.supportsTextToImage) return wanted
      const capable = installed().find(engine => engine.supportsTextToImage)
      if (!capable) throw new UserError({ code: 'needs-model', what: 'imagine' })
      return capable
    },
    pathOf,
    bytesOf: name => (isBuiltIn(name) ? 0 : modelSizeBytes(pathOf(name))),
  }
}

/** `newest` is the time of the latest change, in milliseconds since 1970. */
type FolderState = { readonly signature: string; readonly newest: number }

/** When the model folder and the folders in it last changed: a file that is added or removed changes its folder. */
function folderState(folder: string): FolderState {
  let names: string[]
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    names = entries.filter(entry => !entry.isFile()).map(({ name }) => name)
  } catch {
    return { signature: '', newest: 0 } // no folder, no models
  }
  const times = [folder, ...names.map(name => join(folder, name))].map(path => {
    const stats = statSync(path, { throwIfNoEntry: false })
    return { path, changed: stats?.mtimeMs ?? 0 }
  })
  const newest = Math.max(...times.map(({ changed }) => changed))
  return { signature: times.map(({ path, changed }) => `${path}\0${changed}`).join('\0'), newest }
}
