import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { intersectionOverUnion, OBJECTS, objectMask } from '../../../bench/select/objects.js'
import { readPicture } from '../../../src/inference/image/decode.js'
import { filledPixels } from '../../../src/inference/image/pixels.js'
import { encodePng } from '../../../src/inference/image/png.js'
import { decodeObjectSheet } from '../../../src/inference/mask/object-sheet.js'
import {
  AUTOMATIC_LIMITS,
  automaticPoints,
  goodSegments,
  objectsOf,
  suppressOverlaps,
} from '../../../src/inference/segment/automatic.js'
import type { Candidate } from '../../../src/inference/segment/candidate.js'
import { cellSet, overlapOf } from '../../../src/inference/segment/cell-set.js'
import { searchObjects } from '../../../src/inference/segment/object-search.js'
import { loadSegmentModel } from '../../../src/inference/segment/segment-model.js'
import { createSegmentService } from '../../../src/inference/segment/segment-service.js'
import { openObjectSelector } from '../../../src/inference/segment/select.js'
import { problemIn } from '../../support/problems.js'
import { writeSegmentModel } from '../../support/segment-models.js'
import { shared, testWithShared } from '../../support/shared.js'

const GRID = { width: 64, height: 64 }

/** A rectangle on a grid of 64 × 64 cells, of which the picture covers the upper three quarters. */
function rectangle(left: number, top: number, width: number, height: number, iou = 0.95, logit = 5): Candidate {
  const data = new Float32Array(GRID.width * GRID.height).fill(-logit)
  for (let y = top; y < top + height; y++) data.fill(logit, y * GRID.width + left, y * GRID.width + left + width)
  return { iou, logits: { ...GRID, data, content: { width: 64, height: 48 } } }
}

test('points cover the picture evenly, the first quarter of them too', () => {
  const points = automaticPoints(12)
  expect(new Set(points.map(({ x, y }) => `${x} ${y}`)).size).toBe(144)
  const quadrants = points.slice(0, 36).map(({ x, y }) => Number(x > 0.5) + 2 * Number(y > 0.5))
  for (let quadrant = 0; quadrant < 4; quadrant++) expect(quadrants.filter(one => one === quadrant).length).toBe(9)
})

test('the overlap of two masks is their intersection over their union, on the picture only', () => {
  const [one, other] = [rectangle(0, 0, 20, 20), rectangle(10, 10, 20, 20)].map(({ logits }) => cellSet(logits))
  expect(one!.count).toBe(400)
  expect(overlapOf(one!, other!)).toBeCloseTo(100 / 700)
  expect(overlapOf(one!, one!)).toBe(1)
  // The rows below 48 are padding.
  expect(cellSet(rectangle(0, 40, 10, 20).logits).count).toBe(80)
})

test.each<[string, Candidate, number]>([
  ['a good mask', rectangle(0, 0, 20, 20), 1],
  ['a low predicted IoU', rectangle(0, 0, 20, 20, 0.6), 0],
  ['an edge that depends on the threshold', rectangle(0, 0, 20, 20, 0.95, 0.5), 0],
  ['a speck', rectangle(0, 0, 2, 2), 0],
  ['the whole picture', rectangle(0, 0, 64, 48), 0],
])('%s: %#', (_, candidate, kept) => {
  expect(goodSegments([candidate])).toHaveLength(kept)
})

test('of masks of the same object the best stays; a part of it is another one', () => {
  const same = [rectangle(0, 0, 20, 20, 0.9), rectangle(0, 0, 20, 21, 0.99), rectangle(1, 0, 20, 20, 0.95)]
  const kept = suppressOverlaps(goodSegments([...same, rectangle(5, 5, 6, 6)]))
  expect(kept.map(({ iou }) => iou)).toEqual([0.99, 0.95])
  expect(objectsOf(kept).map(({ cells }) => cells.count)).toEqual([420, 36])
})

test('at most 24 objects are kept, the largest first', () => {
  const many = Array.from({ length: 40 }, (_, index) =>
    rectangle((index % 8) * 8, Math.floor(index / 8) * 8, 3 + (index % 5), 6),
  )
  const counts = objectsOf(goodSegments(many)).map(({ cells }) => cells.count)
  expect(counts).toHaveLength(AUTOMATIC_LIMITS.maxObjects)
  expect(counts).toEqual(counts.toSorted((one, other) => other - one))
})

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-automatic-'))
  await writeSegmentModel(join(folder, 'good', 'tiny'))
  await writeSegmentModel(join(folder, 'bad', 'tiny'), 'samexporter', [0.1, 0.2, 0.3, 0.4])
})
afterAll(() => rm(folder, { recursive: true }))

test('a process finds the objects of a picture once, and clicks have their turn meanwhile', async () => {
  const service = createSegmentService(join(folder, 'good'))
  const picture = await encodePng(filledPixels({ width: 300, height: 200 }, 90))
  let loaded = 0
  const load = async () => {
    loaded++
    return picture
  }
  const order: string[] = []
  const search = service.findObjects('one', load).finally(() => order.push('objects'))
  await service.select('one', load, { points: [{ x: 10, y: 10, inside: true }] }).finally(() => order.push('click'))
  const found = await search
  expect(order).toEqual(['click', 'objects'])
  const loadedBefore = loaded
  const masks = await decodeObjectSheet(found.sheet)
  expect(masks.map(({ width, height }) => [width, height])).toEqual(found.shares.map(() => [300, 200]))
  expect(await service.findObjects('one', load)).toEqual(found)
  expect(loaded).toBe(loadedBefore)
  await service.close()
})

test('a picture without objects gets a sentence', async () => {
  const picture = await encodePng(filledPixels({ width: 60, height: 40 }, 90))
  const selector = openObjectSelector(join(folder, 'bad'))
  expect(await problemIn(selector.findObjects(picture))).toEqual({ code: 'objects-not-found' })
  await selector.close()
  const service = createSegmentService(join(folder, 'bad'))
  expect(await problemIn(service.findObjects('one', async () => picture))).toEqual({ code: 'objects-not-found' })
  await service.close()
})

testWithShared('weights/sam', 'a trained pair finds the dog without a click', async () => {
  const model = await loadSegmentModel(shared('weights/sam'))
  const { pixels } = await readPicture(await readFile(shared('photos/dog.png')))
  const search = searchObjects(model, await model.encode(pixels), 4)
  while (!(await search.continue())) {}
  await model.close()
  const truth = objectMask(OBJECTS.find(({ name }) => name === 'dog')!, pixels)
  // As they are found, and grown a little, as they are painted.
  for (const grow of [0, undefined]) {
    const objects = search.objects(pixels, grow)
    expect(objects.length).toBeLessThan(8)
    expect(Math.max(...objects.map(({ mask }) => intersectionOverUnion(mask, truth)))).toBeGreaterThan(0.8)
  }
})
