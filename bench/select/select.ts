import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readPicture } from '../../src/inference/image/decode.js'
import { candidateMask } from '../../src/inference/segment/candidate.js'
import { searchObjects } from '../../src/inference/segment/object-search.js'
import { SEGMENT_SIZES } from '../../src/inference/segment/prompt.js'
import { loadSegmentModel } from '../../src/inference/segment/segment-model.js'
import { median } from '../median.js'
import { intersectionOverUnion, OBJECTS, objectMask } from './objects.js'

type Options = { readonly quick: boolean; readonly pictures?: string; readonly model?: string }

/**
 * One click on each outlined object: the IoU of the mask that is taken by default, and of the best of the three sizes. And all objects
 * of the picture at once: the IoU of the one that fits best. How long the encoder, the decoder and the search take.
 */
export async function benchSelect({ quick, pictures = '../shared/photos', model = '../shared/weights/sam' }: Options) {
  const network = await loadSegmentModel(model)
  const objects = quick ? OBJECTS.filter(({ photo }) => photo === 'dog.png') : OBJECTS
  const results: Record<string, { click: number; bestSize: number; automatic: number }> = {}
  const encoding: number[] = []
  const decoding: number[] = []
  const searching: number[] = []
  for (const photo of new Set(objects.map(one => one.photo))) {
    const { pixels } = await readPicture(await readFile(join(pictures, photo)))
    const { result: embedding, ms } = await timed(() => network.encode(pixels))
    encoding.push(ms)
    const search = searchObjects(network, embedding)
    const searched = await timed(async () => {
      while (!(await search.continue())) {}
      return search.objects(pixels, 0)
    })
    searching.push(searched.ms)
    for (const object of objects.filter(one => one.photo === photo)) {
      const truth = objectMask(object, pixels)
      const [x, y] = object.click
      const prompt = { points: [{ x, y, inside: true }] }
      const decoded = await timed(() => network.decode(embedding, prompt))
      decoding.push(decoded.ms)
      const { best, masks } = decoded.result
      const score = (candidate: typeof best) => intersectionOverUnion(candidateMask(candidate, pixels, 0), truth)
      const bestSize = Math.max(...SEGMENT_SIZES.map(size => score(masks[size])))
      const automatic = Math.max(0, ...searched.result.map(({ mask }) => intersectionOverUnion(mask, truth)))
      results[`${photo} ${object.name}`] = {
        click: round(score(best)),
        bestSize: round(bestSize),
        automatic: round(automatic),
      }
    }
  }
  await network.close()
  const all = Object.values(results)
  return {
    objects: results,
    medianIoU: {
      click: median(all.map(({ click }) => click)),
      bestSize: median(all.map(({ bestSize }) => bestSize)),
      automatic: median(all.map(({ automatic }) => automatic)),
    },
    above: {
      'click ≥ 0.7': all.filter(({ click }) => click >= 0.7).length,
      'best size ≥ 0.7': all.filter(({ bestSize }) => bestSize >= 0.7).length,
      'automatic ≥ 0.7': all.filter(({ automatic }) => automatic >= 0.7).length,
      of: all.length,
    },
    encoderMs: Math.round(median(encoding)),
    decoderMs: Math.round(median(decoding)),
    searchMs: Math.round(median(searching)),
  }
}

async function timed<Result>(run: () => Promise<Result>): Promise<{ result: Result; ms: number }> {
  const start = performance.now()
  return { result: await run(), ms: performance.now() - start }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
