import { KERNEL } from './kernel-wasm.js'

/** Where something lies in the kernel's memory, in bytes. */
export type Address = number

/**
 * The hot loops of this engine, written in AssemblyScript and compiled to WebAssembly with 128-bit SIMD. What each does
 * is said where it is written, in kernel/. Flags are 0 or 1.
 */
export interface Kernel {
  readonly memory: WebAssembly.Memory
  newLevel(width: number, height: number, isRefined: number): Address
  halved(level: Address, isRefined: number): Address
  measureTexture(level: Address, radius: number): void
  measureTint(level: Address, radius: number): void
  findAnchors(level: Address): void
  findFrame(level: Address, usual: number, closing: number): void
  inheritFrame(coarse: Address, level: Address): void
  /** @returns how many there are */
  findSources(level: Address, enough: number): number
  findTargets(level: Address): void
  newWaves(): Address
  lean(level: Address, depth: number, waves: Address): void
  /** @returns room for LINE_TABLE_SIZE lines of five floats: x, y, dx, dy, length */
  linesTable(): Address
  leanAlong(level: Address, count: number, scale: number, depth: number): void
  expectFromLean(level: Address): void
  expectNothing(level: Address): void
  leanPastThings(level: Address): void
  startFromLean(level: Address): void
  chargeDistinct(level: Address, price: number, share: number, unsuspected: number): void
  chargeEnclosed(level: Address, price: number, times: number, most: number): void
  chargeSubject(level: Address, price: number, share: number): void
  gatherToll(level: Address, coarse: Address): void
  inheritToll(coarse: Address, level: Address): void
  seedRandom(seed: number): void
  searchIn(
    level: Address,
    leanAcross: number,
    leanDown: number,
    leanOff: number,
    textureWeight: number,
    tintWeight: number,
    parting: number,
    repeat: number,
  ): void
  clearField(level: Address): void
  fillField(level: Address): void
  scatterField(level: Address): void
  upsampleField(coarse: Address, level: Address): void
  measureField(level: Address): void
  improveField(level: Address, forward: number, reach: number): void
  joinPieces(level: Address): void
  moveBlocks(level: Address, tries: number, largest: number): void
  vote(level: Address, sharpness: number): void
  copy(level: Address): void
  blend(level: Address, reach: number, isLast: number): Address
  blendFrom(coarse: Address, solved: Address, level: Address): void
  release(solved: Address): void
}

/** What a level holds, four bytes each, in the order of kernel/level.ts. */
const FIELDS = [
  'width',
  'height',
  'stride',
  'rows',
  'radius',
  'sources',
  'colour',
  'known',
  'valid',
  'target',
  'source',
  'cost',
  'texture',
  'tint',
  'toll',
  'subject',
  'anchor',
  'distance',
  'frame',
] as const

/** A number or an address that a level holds. */
export function fieldOf(kernel: Kernel, level: Address, name: (typeof FIELDS)[number]): number {
  return new Uint32Array(kernel.memory.buffer, level)[FIELDS.indexOf(name)]!
}

let compiled: WebAssembly.Module | undefined

/** A kernel with a memory of its own, which grows as needed and goes with it. */
export function startKernel(): Kernel {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL, 'base64'))
  const abort = () => {
    throw new Error('the kernel gave up')
  }
  return new WebAssembly.Instance(compiled, { env: { abort } }).exports as unknown as Kernel
}
