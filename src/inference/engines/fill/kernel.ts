import { KERNEL } from './kernel-wasm.js'

/** A byte offset in the kernel's memory. */
export type Address = number

/**
 * The inner loops of the built-in engine: AssemblyScript, compiled to WebAssembly with 128-bit SIMD. Each function is
 * documented where it is written, in kernel/. Flags are 0 or 1.
 */
export interface Kernel {
  readonly memory: WebAssembly.Memory
  seedRandom(seed: number): void

  newLevel(width: number, height: number, isRefined: number): Address
  downsample(fine: Address, isRefined: number): Address
  measureTexture(level: Address, radius: number): void
  measureMeanColour(level: Address, radius: number): void
  findNearestKnown(level: Address): void
  /** @returns how many there are */
  findSources(level: Address, enough: number): number
  findTargets(level: Address): void

  labelByBoundary(level: Address, commonShare: number, rarityFactor: number): void
  upsampleBoundaryLabels(coarse: Address, level: Address): void
  /** @returns where to write (SWAY_CELLS + 1)² floats */
  newSway(): Address
  setPreferredSources(level: Address, mirrorDepth: number, sway: Address): void
  /** @returns where to write LINE_TABLE_SIZE lines of five floats: x, y, dx, dy, length */
  lineTable(): Address
  preferAlongLines(level: Address, count: number, scale: number, mirrorDepth: number): void
  expectPreferredLook(level: Address): void
  expectAnyTexture(level: Address): void
  preferUnpenalized(level: Address): void
  startFromPreferred(level: Address): void

  penalizeRare(level: Address, factor: number, freeShare: number, unsuspectedShare: number): void
  penalizeEnclosed(level: Address, factor: number, freeBarriers: number, most: number): void
  penalizeSalientObjects(level: Address, factor: number, freeShare: number): void
  raiseCoarserPenalty(level: Address, coarse: Address): void
  upsamplePenalty(coarse: Address, level: Address): void

  /** @returns where {@link prepareSearch} writes the weights */
  searchWeights(): Address
  prepareSearch(level: Address): void
  clearField(level: Address): void
  fillFieldFromPreferred(level: Address): void
  fillFieldAtRandom(level: Address): void
  upsampleField(coarse: Address, level: Address): void
  evaluateField(level: Address): void
  improveField(level: Address, isForward: number, reach: number): void
  vote(level: Address, sharpness: number): void
  copySources(level: Address): void

  moveRegions(level: Address): void
  moveBlocks(level: Address, triesPerPixel: number, largestReach: number): void

  solvePoisson(level: Address, drift: number): Address
  refinePoisson(coarse: Address, coarseCorrection: Address, level: Address): void
  freeCorrection(correction: Address): void
}

/** The fields of kernel/pyramid/level.ts that are read here, in its order, four bytes each. */
const LEVEL_FIELDS = [
  'width',
  'height',
  'stride',
  'rows',
  'radius',
  'sourceCount',
  'colour',
  'known',
  'valid',
  'target',
  'source',
  'cost',
  'texture',
  'meanColour',
  'copyPenalty',
  'nearestKnown',
  'distance',
  'boundaryLabel',
] as const

/** A number that a level holds, or the address of one of its planes. */
export function levelField(kernel: Kernel, level: Address, name: (typeof LEVEL_FIELDS)[number]): number {
  return new Uint32Array(kernel.memory.buffer, level)[LEVEL_FIELDS.indexOf(name)]!
}

/** The fields of SearchWeights in kernel/search/source-cost.ts, in its order, as 32-bit floats. */
const SEARCH_WEIGHTS = [
  'preferenceAcross',
  'preferenceDown',
  'linePreference',
  'texture',
  'meanColour',
  'incoherence',
] as const

/** What the terms of a source's cost count for in the search of a level. */
export type SearchWeights = { readonly [name in (typeof SEARCH_WEIGHTS)[number]]: number }

/** To be called before a level is searched. */
export function prepareSearch(kernel: Kernel, level: Address, weights: SearchWeights): void {
  const values = SEARCH_WEIGHTS.map(name => weights[name])
  new Float32Array(kernel.memory.buffer, kernel.searchWeights(), values.length).set(values)
  kernel.prepareSearch(level)
}

let compiled: WebAssembly.Module | undefined

/** A kernel with its own memory, which grows as needed and is freed with the kernel. */
export function startKernel(): Kernel {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL, 'base64'))
  const abort = () => {
    throw new Error('The kernel of the fill engine aborted.')
  }
  // What WebAssembly exports has no types; Kernel is written after kernel/index.ts.
  return new WebAssembly.Instance(compiled, { env: { abort } }).exports as unknown as Kernel
}
