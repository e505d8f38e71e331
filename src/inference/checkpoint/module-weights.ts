import type { StoredTensor } from '../onnx/graph-builder.js'

/**
 * The weights of a module by diffusers' names. Missing weights are collected, so that an error can name all of them.
 */
export type ModuleWeights = {
  has(name: string): boolean
  /** A tensor. If it is missing, its name is recorded and an empty tensor returned. */
  get(name: string): StoredTensor
  /** The weights of a submodule. */
  submodule(prefix: string): ModuleWeights
  /** The number of submodules `name.0`, `name.1` and so on. */
  countSubmodules(name: string): number
  /** The full name of this module. */
  readonly path: string
}

/** @param missing receives the names of missing weights */
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
