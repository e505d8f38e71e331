import fc from 'fast-check'
import {
  type Address,
  type Kernel,
  levelField,
  prepareSearch,
  type SearchWeights,
} from '../../../../../src/inference/engines/fill/kernel.js'
import { PATCH_RADIUS } from '../../../../../src/inference/engines/fill/parameters.js'

/** Whether a pixel is known, or its grey level. */
type Of<T> = (x: number, y: number) => T

type PlaneName = Parameters<typeof levelField>[2]

/** A level in the kernel's memory, with access to its planes. */
export type TestLevel = {
  readonly address: Address
  readonly stride: number
  /** Pixels, margin included. */
  readonly count: number
  /** A plane of one byte by pixel. Not to be kept: memory that grows is elsewhere afterwards. */
  plane(name: PlaneName): Uint8Array
  /** The index of a pixel of the picture. */
  pixel(x: number, y: number): number
}

export function newTestLevel(kernel: Kernel, width: number, height: number, isKnown: Of<boolean>): TestLevel {
  const address = kernel.newLevel(width, height, 0)
  const stride = levelField(kernel, address, 'stride')
  const count = stride * levelField(kernel, address, 'rows')
  const plane = (name: PlaneName) => new Uint8Array(kernel.memory.buffer, levelField(kernel, address, name), count)
  const pixel = (x: number, y: number) => (y + PATCH_RADIUS) * stride + x + PATCH_RADIUS
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (isKnown(x, y)) plane('known')[pixel(x, y)] = 1
  }
  return { address, stride, count, plane, pixel }
}

/** The same with noise where it is known, ready to be searched. */
export function noisyLevel(kernel: Kernel, width: number, height: number, isKnown: Of<boolean>): TestLevel {
  const level = newTestLevel(kernel, width, height, isKnown)
  kernel.findSources(level.address, 64)
  kernel.findTargets(level.address)
  kernel.clearField(level.address)
  kernel.expectAnyTexture(level.address)
  prepareSearch(kernel, level.address, { ...NO_WEIGHTS, texture: 1 })
  const colour = bytesOf(kernel, level, 'colour', 4)
  for (let pixel = 0; pixel < level.count; pixel++) {
    if (level.plane('known')[pixel] === 0) continue
    for (let channel = 0; channel < 3; channel++) colour[pixel * 4 + channel] = noise(pixel * 3 + channel)
  }
  return level
}

/** Nothing counts in the search but what patches look like. */
export const NO_WEIGHTS: SearchWeights = {
  preferenceAcross: 0,
  preferenceDown: 0,
  linePreference: 0,
  texture: 0,
  meanColour: 0,
  incoherence: 0,
}

/** A plane of some bytes by pixel. Not to be kept: memory that grows is elsewhere afterwards. */
export function bytesOf(kernel: Kernel, level: TestLevel, name: PlaneName, bytesByPixel: number): Uint8Array {
  return new Uint8Array(kernel.memory.buffer, levelField(kernel, level.address, name), level.count * bytesByPixel)
}

export function sourcesOf(kernel: Kernel, level: TestLevel): Uint32Array {
  return new Uint32Array(kernel.memory.buffer, levelField(kernel, level.address, 'source'), level.count)
}

export function costsOf(kernel: Kernel, level: TestLevel): Float32Array {
  return new Float32Array(kernel.memory.buffer, levelField(kernel, level.address, 'cost'), level.count)
}

/** A part of the copy penalty by pixel: that of what is rare or enclosed, or that of salient objects. */
export function penaltiesOf(kernel: Kernel, level: TestLevel, part: 'rare' | 'object') {
  const indexOf = (pixel: number) => pixel * 2 + (part === 'object' ? 1 : 0)
  const plane = () =>
    new Float32Array(kernel.memory.buffer, levelField(kernel, level.address, 'copyPenalty'), level.count * 2)
  return {
    at: (pixel: number): number => plane()[indexOf(pixel)]!,
    set: (pixel: number, penalty: number): void => {
      plane()[indexOf(pixel)] = penalty
    },
    areAllZero: (): boolean => plane().every((penalty, index) => index % 2 !== indexOf(0) || penalty === 0),
  }
}

/** Of no pixel. */
export const NO_COORD = 0xffffffff

/** The packed coordinate of a pixel of the picture. */
export function packCoord(x: number, y: number): number {
  return ((y + PATCH_RADIUS) << 16) | (x + PATCH_RADIUS)
}

/** The index of a packed coordinate. */
export function pixelOf({ stride }: TestLevel, coord: number): number {
  return (coord >>> 16) * stride + (coord & 0xffff)
}

/** Give each known pixel a grey level. */
export function setShades(kernel: Kernel, level: TestLevel, shadeOf: Of<number>): void {
  const colour = bytesOf(kernel, level, 'colour', 4)
  const [width, height] = [levelField(kernel, level.address, 'width'), levelField(kernel, level.address, 'height')]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = level.pixel(x, y)
      if (level.plane('known')[pixel]) colour.fill(shadeOf(x, y), pixel * 4, pixel * 4 + 3)
    }
  }
}

/** Set the source of each pixel that is not known, and its colour. */
export function setSources(kernel: Kernel, level: TestLevel, sourceOf: Of<[number, number]>): void {
  const source = sourcesOf(kernel, level)
  const colour = new Uint32Array(kernel.memory.buffer, levelField(kernel, level.address, 'colour'), level.count)
  const [width, height] = [levelField(kernel, level.address, 'width'), levelField(kernel, level.address, 'height')]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (level.plane('known')[level.pixel(x, y)]) continue
      const [sourceX, sourceY] = sourceOf(x, y)
      source[level.pixel(x, y)] = packCoord(sourceX, sourceY)
      colour[level.pixel(x, y)] = colour[level.pixel(sourceX, sourceY)]!
    }
  }
}

/** A byte that looks random. */
export function noise(index: number): number {
  return ((index * 2_654_435_761) >>> 24) & 0xff
}

/** Random sizes of which a rectangle, or all around one, is known. */
export const scene = fc
  .record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    box: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
    isInverted: fc.boolean(),
  })
  .map(({ width, height, box, isInverted }) => {
    const [left, top] = [box[0]! % width, box[1]! % height]
    const [w, h] = [1 + (box[2]! % (width - left)), 1 + (box[3]! % (height - top))]
    const isInside = (x: number, y: number) => x >= left && x < left + w && y >= top && y < top + h
    return { width, height, isKnown: (x: number, y: number) => isInside(x, y) !== isInverted }
  })
  .filter(({ width, height, isKnown }) =>
    Array.from({ length: width * height }, (_, index) => isKnown(index % width, Math.floor(index / width))).includes(
      true,
    ),
  )
