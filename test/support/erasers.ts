import { writeFile } from 'node:fs/promises'
import {
  type GraphBuilder,
  type GraphValue,
  graphBuilder,
  ONNX_DATA_TYPES,
} from '../../src/inference/onnx/graph-builder.js'

/** Side of the pictures that the small LaMa network takes, in pixels. */
export const LAMA_SIDE = 64

/** What it paints in the hole, 0 to 1, shape [3, LAMA_SIDE, LAMA_SIDE]. It has no symmetry. */
export const LAMA_FILL = Float32Array.from({ length: 3 * LAMA_SIDE * LAMA_SIDE }, (_, at) => {
  const [x, y, channel] = [
    at % LAMA_SIDE,
    Math.floor(at / LAMA_SIDE) % LAMA_SIDE,
    Math.floor(at / LAMA_SIDE / LAMA_SIDE),
  ]
  return ((x * 5 + y * 11 + channel * 40) % 256) / 255
})

/** A graph with the inputs and outputs of LaMa's export. It returns the picture with LAMA_FILL in the hole. */
export async function writeLama(path: string): Promise<void> {
  const g = graphBuilder('lama', '/')
  const image = g.input('image', 'F32', [1, 3, LAMA_SIDE, LAMA_SIDE])
  const mask = g.input('mask', 'F32', [1, 1, LAMA_SIDE, LAMA_SIDE])
  const known = g.node('Sub', [g.constant('F32', [1], [1]), mask])
  const pattern = g.constant('F32', LAMA_FILL, [1, 3, LAMA_SIDE, LAMA_SIDE])
  const composite = g.node('Add', [g.node('Mul', [image, known]), g.node('Mul', [pattern, mask])])
  g.output('output', g.node('Mul', [composite, g.constant('F32', [255], [1])]), 'F32', [1, 3, LAMA_SIDE, LAMA_SIDE])
  await writeFile(path, g.bytes())
}

/** A removal model whose values are no numbers, as from damaged weights. */
export async function writeNanEraser(path: string): Promise<void> {
  const g = graphBuilder('nan', '/')
  const image = g.input('image', 'F32', [1, 3, LAMA_SIDE, LAMA_SIDE])
  const mask = g.input('mask', 'F32', [1, 1, LAMA_SIDE, LAMA_SIDE])
  const nan = g.node('Mul', [mask, g.constant('F32', [Number.NaN], [1])])
  g.output('output', g.node('Add', [image, nan]), 'F32', [1, 3, LAMA_SIDE, LAMA_SIDE])
  await writeFile(path, g.bytes())
}

/**
 * The same for MI-GAN's pipeline: bytes, any size, the mask is 255 where the picture is known. The hole gets brighter
 * to the right.
 */
export async function writeMigan(path: string): Promise<void> {
  const g = graphBuilder('migan', '/')
  const single = (value: GraphValue) => g.node('Cast', [value], { to: ONNX_DATA_TYPES.F32 })
  const image = g.input('image', 'U8', [1, 3, 'height', 'width'])
  const mask = g.input('mask', 'U8', [1, 1, 'height', 'width'])
  const known = g.node('Div', [single(mask), g.constant('F32', [255], [1])])
  const hole = g.node('Sub', [g.constant('F32', [1], [1]), known])
  const composite = g.node('Add', [g.node('Mul', [single(image), known]), g.node('Mul', [rightwards(g, hole), hole])])
  g.output('result', g.node('Cast', [composite], { to: ONNX_DATA_TYPES.U8 }), 'U8', [1, 3, 'height', 'width'])
  await writeFile(path, g.bytes())
}

/** 5, 10, 15 and so on along each row, modulo 256. */
function rightwards(g: GraphBuilder, like: GraphValue): GraphValue {
  const ones = g.node('Add', [g.node('Mul', [like, g.constant('F32', [0], [1])]), g.constant('F32', [1], [1])])
  const along = g.node('CumSum', [ones, g.constant('I64', [3], [])])
  return g.node('Mod', [g.node('Mul', [along, g.constant('F32', [5], [1])]), g.constant('F32', [256], [1])], {
    fmod: 1,
  })
}
