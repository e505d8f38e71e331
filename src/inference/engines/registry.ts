import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../user-error.js'
import { CONTROLNET_FOLDER, controlNetFile } from '../checkpoint/controlnet-files.js'
import { listLoraNames } from '../checkpoint/lora.js'
import type { Edit } from '../pipeline/edit.js'
import { defaultEngineFor, type EditTraits } from './default-engine.js'
import type { EngineInfo } from './engine-info.js'
import { METHODS, type Method } from './fill/methods.js'
import { listControlNets, readEncoder } from './installed-controlnets.js'
import {
  findModel,
  isEraserFile,
  listModelNames,
  listUpscalerNames,
  modelSizeBytes,
  tooLongModelNames,
  upscalerPath,
} from './model-folder.js'
import { readModelTraits } from './model-traits.js'
import { LANCZOS } from './upscale/lanczos.js'

/** How often the model folder is compared with the last scan, at most, in milliseconds. */
const CHECK_INTERVAL_MS = 1000

/**
 * A folder that changed less than this long before a scan, in milliseconds, is scanned again: file systems round the times of
 * changes, so a later change can have the same time.
 */
const UNSETTLED_MS = 2000

/** Whether an engine needs no model. */
export function isBuiltIn(name: string): name is Method | typeof LANCZOS {
  return name === LANCZOS || (METHODS as readonly string[]).includes(name)
}

/** An engine that can do nothing in addition. */
const PLAIN = { supportsPrompt: false, supportsTextToImage: false, isEraser: false } as const

/**
 * The engines and LoRAs of one model folder. The folder is scanned once, and again only when it changes: the bot asks with every
 * request and every key press. A change is seen after a second at the latest.
 */
export interface EngineRegistry {
  readonly modelFolder: string
  /** What can be chosen from: the built-in engines, then each installed model. With workers, what they have. */
  installed(): readonly EngineInfo[]
  /** The names of models that can't be chosen, because Discord accepts no choice of that length. */
  tooLong(): readonly string[]
  /** The engines that upscale: each installed network, then the built-in one. With workers, what they have. */
  upscalers(): readonly EngineInfo[]
  /** The names of all engines that a job can be for. */
  names(): string[]
  /** The LoRAs that prompts can name as `<lora:name:1>`, with checkpoints. */
  loras(): readonly string[]
  /** @throws UserError `engine-unknown` */
  get(name: string): EngineInfo
  /**
   * The engine that paints an edit: the named one, otherwise the configured default, otherwise the best installed one. If that can't
   * paint without a picture, `imagine` and creative upscaling take the best one that can. Only upscalers upscale otherwise, and no
   * setting names one.
   *
   * @throws UserError `engine-unknown`, `needs-model`
   */
  forEdit(edit: EditTraits, name?: string, prompt?: string): EngineInfo
  /** The best installed engine that reads a prompt for this edit; undefined if there is none. */
  promptReader(edit: Pick<Edit, 'kind'>): EngineInfo | undefined
  /** Where an engine's model is, or would be. */
  pathOf(name: string): string
  /**
   * About how much memory an engine takes for a request, in bytes: as much as the files of its model, and of the ControlNets and
   * the further models that paint with it. 0 for built-in engines.
   */
  bytesOf(name: string, companions?: Companions): number
}

/** What paints together with an engine's model, by name. */
export type Companions = { readonly models?: readonly string[]; readonly controlNets?: readonly string[] }

type Scan = {
  readonly engines: readonly EngineInfo[]
  readonly tooLong: readonly string[]
  readonly loras: readonly string[]
  readonly upscalers: readonly EngineInfo[]
  readonly signature: string
  /** The folder had been unchanged for long enough that its signature can be trusted. */
  readonly isSettled: boolean
}

export type EngineRegistryOptions = {
  readonly modelFolder: string
  /** The engine of requests that name none; the best installed one for each edit if undefined. */
  readonly defaultEngine?: string | undefined
  /** What the workers have, which paint instead of this process. Empty if that is unknown: then it is the model folder that counts. */
  readonly workerEngines?: (() => readonly EngineInfo[]) | undefined
  /** The names of what the workers upscale with. Empty if that is unknown. */
  readonly workerUpscalers?: (() => readonly string[]) | undefined
}

export function createEngineRegistry({
  modelFolder,
  defaultEngine,
  workerEngines,
  workerUpscalers,
}: EngineRegistryOptions): EngineRegistry {
  let last: Scan | undefined
  let checkedAt = Number.NEGATIVE_INFINITY
  const pathOf = (name: string) => findModel(modelFolder, name) ?? join(modelFolder, name)

  function scan({ signature, newest }: FolderState): Scan {
    const builtIn = METHODS.map(name => ({ ...PLAIN, name }))
    const models = listModelNames(modelFolder).filter(name => !isBuiltIn(name))
    const controlNets = listControlNets(modelFolder)
    const engines = [...builtIn, ...models.map(name => modelInfo(name, pathOf(name), controlNets))]
    const upscalers = upscalerInfos(listUpscalerNames(modelFolder).map(upscalerPath))
    return {
      engines,
      tooLong: tooLongModelNames(modelFolder),
      loras: listLoraNames(modelFolder),
      upscalers,
      signature,
      isSettled: Date.now() - newest > UNSETTLED_MS,
    }
  }

  function current(): Scan {
    if (last && performance.now() - checkedAt < CHECK_INTERVAL_MS) return last
    checkedAt = performance.now()
    const state = folderState(modelFolder)
    if (!last?.isSettled || last.signature !== state.signature) last = scan(state)
    return last
  }

  function upscalers(): readonly EngineInfo[] {
    const theirs = workerUpscalers?.() ?? []
    return theirs.length > 0 ? upscalerInfos(theirs) : current().upscalers
  }

  function getUpscaler(name: string | undefined): EngineInfo {
    const known = upscalers()
    const found = name === undefined ? known[0] : known.find(one => [name, upscalerPath(name)].includes(one.name))
    if (found) return found
    throw new UserError({ code: 'engine-unknown', engine: name!, known: known.map(one => one.name).join(', ') })
  }

  function installed(): readonly EngineInfo[] {
    const theirs = workerEngines?.() ?? []
    return theirs.length > 0 ? theirs.toSorted(builtInFirst) : current().engines
  }

  function get(name: string): EngineInfo {
    const info = [...installed(), ...upscalers()].find(engine => engine.name === name)
    if (info) return info
    const known = installed().map(engine => engine.name)
    throw new UserError({ code: 'engine-unknown', engine: name, known: known.join(', ') })
  }

  return {
    modelFolder,
    installed,
    tooLong: () => current().tooLong,
    upscalers,
    names: () => [...installed(), ...upscalers()].map(({ name }) => name),
    loras: () => current().loras,
    get,
    forEdit(edit, name, prompt = '') {
      const isCreative = edit.kind === 'upscale' && edit.creative !== undefined
      if (edit.kind === 'upscale' && !isCreative) return getUpscaler(name)
      const wanted = get(name ?? defaultEngine ?? defaultEngineFor(edit, installed(), prompt))
      if ((edit.kind !== 'imagine' && !isCreative) || wanted.supportsTextToImage) return wanted
      const best = get(defaultEngineFor(edit, installed(), prompt))
      // A model that can't be read is better than none: its error message names the file.
      const capable = [best, ...installed()].find(engine => engine.supportsTextToImage)
      if (!capable) throw new UserError({ code: 'needs-model', what: isCreative ? 'creative' : 'imagine' })
      return capable
    },
    promptReader(edit) {
      const readers = installed().filter(engine => engine.supportsPrompt)
      const best = defaultEngineFor(edit, readers, 'a prompt')
      return readers.find(({ name }) => name === best)
    },
    pathOf,
    bytesOf(name, { models = [], controlNets = [] } = {}) {
      if (isBuiltIn(name)) return 0
      const files = controlNets.map(one => controlNetFile(modelFolder, one))
      const paths = [pathOf(name), ...models.map(pathOf), ...files]
      // Painting reports what is missing.
      return paths.reduce((sum, path) => sum + (existsSync(path) ? modelSizeBytes(path) : 0), 0)
    },
  }
}

/** The networks, sorted, then the built-in one. */
function upscalerInfos(names: readonly string[]): readonly EngineInfo[] {
  const networks = names.filter(name => name !== LANCZOS).toSorted()
  return [...networks, LANCZOS].map(name => ({ ...PLAIN, name }))
}

function builtInFirst({ name: one }: EngineInfo, { name: other }: EngineInfo): number {
  const byKind = Number(isBuiltIn(other)) - Number(isBuiltIn(one))
  return byKind || (one < other ? -1 : 1)
}

function modelInfo(name: string, path: string, controlNets: ReturnType<typeof listControlNets>): EngineInfo {
  const isEraser = isEraserFile(path)
  const traits = isEraser ? undefined : readModelTraits(path)
  const encoder = traits && !traits.isRefiner && controlNets.length > 0 ? readEncoder(path) : undefined
  const fitting = encoder ? controlNets.filter(one => one.fits(encoder)) : []
  return {
    name,
    supportsPrompt: !isEraser,
    supportsTextToImage: !isEraser && !traits?.isRefiner,
    isEraser,
    ...(traits && { traits }),
    ...(fitting.length > 0 && { controlNets: fitting.map(({ name, tasks }) => ({ name, tasks })) }),
  }
}

/** `newest` is the time of the latest change, in milliseconds since 1970. */
type FolderState = { readonly signature: string; readonly newest: number }

/**
 * When the model folder, the folders in it and those of ControlNets last changed: a file that is added or removed changes its folder.
 */
function folderState(folder: string): FolderState {
  let folders: string[]
  try {
    folders = foldersIn(folder)
  } catch {
    return { signature: '', newest: 0 } // no folder, no models
  }
  const controlNets = join(folder, CONTROLNET_FOLDER)
  const nested = folders.includes(controlNets) ? foldersIn(controlNets) : []
  const times = [folder, ...folders, ...nested].map(path => {
    const stats = statSync(path, { throwIfNoEntry: false })
    return { path, changed: stats?.mtimeMs ?? 0 }
  })
  const newest = Math.max(...times.map(({ changed }) => changed))
  return { signature: times.map(({ path, changed }) => `${path}\0${changed}`).join('\0'), newest }
}

function foldersIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.filter(entry => !entry.isFile()).map(({ name }) => join(folder, name))
}
