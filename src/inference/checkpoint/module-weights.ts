import type { StoredTensor } from '../onnx/graph-builder.js'

/**
 * The weights of a part of a model, by the names that diffusers gives them, whatever they are called where they lie; and those
 * that were asked for in vain, so that all of them can be told at once.
 */
export type ModuleWeights = {
  has(name: string): boolean
  /** A tensor; something empty in its place if there is none, which then is among those missing. */
  get(name: string): StoredTensor
  /** The same weights, seen from a module of theirs. */
  submodule(prefix: string): ModuleWeights
  /** How many modules there are of this kind: `name.0`, `name.1` and so on. */
  countSubmodules(name: string): number
  /** What this module is called from outside. */
  readonly path: string
}

/** @param missing is filled with the names of what was asked for and is not there */
export function moduleWeights(tensors: ReadonlyMap<string, StoredTensor>, missing: Set<string>): ModuleWeights {
  const modules = new Set<string>()
  for (const name of tensors.keys()) {
    for (let at = name.indexOf('.'); at >= 0; at = name.indexOf('.', at + 1)) modules.add(name.slice(0, at))
  }
  const submoduleAt = (path: string): ModuleWeights => {
    const full = (name: string) => (path === '' ? name : `${path}.${name}`)
    return {
      path,
      has: name => tensors.has(full(name)),
      get(name) {
        const found = tensors.get(full(name))
        if (!found) missing.add(full(name))
        return found ?? EMPTY_TENSOR
      },
      submodule: prefix => submoduleAt(full(prefix)),
      countSubmodules(name) {
        let count = 0
        while (modules.has(full(`${name}.${count}`))) count++
        return count
      },
    }
  }
  return submoduleAt('')
}

const EMPTY_TENSOR: StoredTensor = { file: '/', type: 'F32', shape: [1, 1, 1, 1], offset: 0, length: 0 }
