import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type GraphBuilder,
  type GraphValue,
  graphBuilder,
  ONNX_DATA_TYPES,
} from '../../src/inference/onnx/graph-builder.js'

/** The layouts of exports that people find. */
export const SEGMENT_LAYOUTS = ['samexporter', 'acly', 'transformers', 'sam2'] as const
type Layout = (typeof SEGMENT_LAYOUTS)[number]

/** Where each export keeps its graphs. */
const FILES = {
  samexporter: ['encoder.onnx', 'decoder.onnx'],
  acly: ['mobile_sam_image_encoder.onnx', 'sam_mask_decoder_multi.onnx'],
  transformers: ['onnx/vision_encoder.onnx', 'onnx/prompt_encoder_mask_decoder.onnx'],
  sam2: ['onnx/vision_encoder.onnx', 'onnx/prompt_encoder_mask_decoder.onnx'],
} as const satisfies Record<Layout, readonly [string, string]>

/** Of a mask, in cells. Real decoders have 256; 144 masks of those, as automatic segmentation asks for, take seconds. */
const MASK_SIDE = 64

/** Radii of the three masks, and before them that of the mask for several points, in pixels of the 1024 frame. */
const RADII = [220, 60, 120, 240]

/** Predicted IoU of these masks: without a chosen size it is the second of the three. */
const SCORES: readonly number[] = [0.5, 0.7, 0.9, 0.8]

/** A point outside takes this much away around it, in pixels of the 1024 frame. */
const OUTSIDE_RADIUS = 30

/**
 * A segment model without weights: its objects are discs around the points inside. The graphs have the inputs and outputs of the
 * real exports.
 *
 * @param scores the predicted IoU of the four masks
 */
export async function writeSegmentModel(
  folder: string,
  layout: Layout = 'samexporter',
  scores: readonly number[] = SCORES,
): Promise<void> {
  for (const [path, graph] of [
    [FILES[layout][0], encoderGraph(layout)],
    [FILES[layout][1], decoderGraph(layout, scores)],
  ] as const) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), graph)
  }
}

function encoderGraph(layout: Layout): Uint8Array {
  const g = graphBuilder('encoder', '/')
  const picture =
    layout === 'acly'
      ? g.input('input_image', 'F32', ['height', 'width', 3])
      : g.input(layout === 'samexporter' ? 'input' : 'pixel_values', 'F32', [1, 3, 1024, 1024])
  const mean = g.node('Reshape', [
    g.node('ReduceMean', [picture], { keepdims: 0 }),
    g.constant('I64', [1, 1, 1, 1], [4]),
  ])
  const names = {
    samexporter: ['output'],
    acly: ['image_embeddings'],
    transformers: ['image_embeddings', 'image_positional_embeddings'],
    sam2: ['image_embeddings.0', 'image_embeddings.1', 'image_embeddings.2'],
  }[layout]
  for (const name of names) g.output(name, mean, 'F32', [1, 1, 1, 1])
  return g.bytes()
}

function decoderGraph(layout: Layout, predicted: readonly number[]): Uint8Array {
  const g = graphBuilder('decoder', '/')
  const embeddings = {
    samexporter: ['image_embeddings'],
    acly: ['image_embeddings'],
    transformers: ['image_embeddings', 'image_positional_embeddings'],
    sam2: ['image_embeddings.0', 'image_embeddings.1', 'image_embeddings.2'],
  }[layout].map(name => g.input(name, 'F32', [1, 1, 1, 1]))
  const isTransformers = layout === 'transformers' || layout === 'sam2'
  const flat = (value: GraphValue, shape: readonly number[]) =>
    g.node('Reshape', [value, g.constant('I64', shape, [shape.length])])
  let [points, labels]: [GraphValue, GraphValue] = isTransformers
    ? [g.input('input_points', 'F32', [1, 1, 'n', 2]), g.input('input_labels', 'I64', [1, 1, 'n'])]
    : [g.input('point_coords', 'F32', [1, 'n', 2]), g.input('point_labels', 'F32', [1, 'n'])]
  if (layout === 'sam2') g.input('input_boxes', 'F32', ['b', 'boxes', 4])
  if (!isTransformers) {
    g.input('mask_input', 'F32', [1, 1, 256, 256])
    g.input('has_mask_input', 'F32', [1])
    g.input('orig_im_size', 'F32', [2])
  }
  points = flat(points, [-1, 2])
  labels = flat(isTransformers ? g.node('Cast', [labels], { to: ONNX_DATA_TYPES.F32 }) : labels, [-1, 1, 1, 1])
  const masks = discs(g, points, labels, isTransformers ? RADII.slice(1) : RADII)
  // The embedding counts for nothing, but it is needed.
  const nothing = embeddings
    .map(value => g.node('Mul', [value, g.constant('F32', [0], [1])]))
    .reduce((sum, value) => g.node('Add', [sum, value]))
  const result = g.node('Add', [masks, nothing])
  const count = isTransformers ? 3 : 4
  const scores = g.constant('F32', predicted.slice(4 - count), isTransformers ? [1, 1, 3] : [1, 4])
  if (isTransformers) {
    g.output('iou_scores', scores, 'F32', [1, 1, 3])
    g.output('pred_masks', flat(result, [1, 1, 3, MASK_SIDE, MASK_SIDE]), 'F32', [1, 1, 3, MASK_SIDE, MASK_SIDE])
  } else {
    g.output('iou_predictions', scores, 'F32', [1, 4])
    g.output('low_res_masks', result, 'F32', [1, 4, MASK_SIDE, MASK_SIDE])
  }
  return g.bytes()
}

/** Logits [1, radii, MASK_SIDE, MASK_SIDE]: the squared radius minus the squared distance to the nearest point inside. */
function discs(g: GraphBuilder, points: GraphValue, labels: GraphValue, radii: readonly number[]): GraphValue {
  const cells = Array.from({ length: MASK_SIDE }, (_, at) => ((at + 0.5) * 1024) / MASK_SIDE)
  const axis = (index: number, shape: readonly number[]) => {
    const position = g.node('Gather', [points, g.constant('I64', [index], [1])], { axis: 1 })
    const column = g.node('Reshape', [position, g.constant('I64', [-1, 1, 1, 1], [4])])
    const difference = g.node('Sub', [g.constant('F32', cells, shape), column])
    return g.node('Mul', [difference, difference])
  }
  const squared = g.node('Add', [axis(0, [1, 1, 1, MASK_SIDE]), axis(1, [1, 1, MASK_SIDE, 1])])
  const field = (label: number, values: readonly number[]) => {
    const squares = g.constant(
      'F32',
      values.map(value => value * value),
      [1, values.length, 1, 1],
    )
    const isLabel = g.node('Equal', [labels, g.constant('F32', [label], [1])])
    const far = g.constant('F32', [-1e9], [1])
    const chosen = g.node('Where', [isLabel, g.node('Sub', [squares, squared]), far])
    return g.node('ReduceMax', [chosen, g.constant('I64', [0], [1])], { keepdims: 1 })
  }
  return g.node('Min', [
    // A box selects a disc around its first corner.
    g.node('Max', [field(1, radii), field(2, radii)]),
    g.node('Neg', [
      field(
        0,
        radii.map(() => OUTSIDE_RADIUS),
      ),
    ]),
  ])
}
