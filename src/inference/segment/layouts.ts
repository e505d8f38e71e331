import type { Extent } from '../image/geometry.js'
import type { Pixels } from '../image/pixels.js'
import type { OnnxSession } from '../onnx/session.js'
import type { TensorData } from '../onnx/tensor-data.js'
import type { SegmentPrompt } from './prompt.js'

/** The longer side of the picture that SAM's encoders see, in pixels. */
const FRAME_SIDE = 1024

/** Mean and deviation of ImageNet's pixels, for red, green and blue, from 0 to 255: what SAM and SAM 2 were trained with. */
const MEAN = [123.675, 116.28, 103.53] as const
const DEVIATION = [58.395, 57.12, 57.375] as const

/**
 * What an encoder takes. `bytes`: [height, width, 3] from 0 to 255, which it normalises and pads by itself (Acly's export).
 * `padded`: [1, 3, side, side], normalised, with padding right and below (SAM). `stretched`: the same, but the picture fills the
 * square (SAM 2).
 */
export type EncoderLayout = {
  readonly kind: 'bytes' | 'padded' | 'stretched'
  readonly input: string
  readonly side: number
}

/** @returns undefined if it isn't an encoder of this family */
export function encoderLayout({ inputs, outputs }: OnnxSession): EncoderLayout | undefined {
  const [[input, metadata] = []] = inputs
  if (input === undefined || inputs.size !== 1) return undefined
  const { dims } = metadata!
  if (dims.length === 3) return { kind: 'bytes', input, side: FRAME_SIDE }
  if (dims.length !== 4 || (typeof dims[1] === 'number' && dims[1] !== 3)) return undefined
  const side = typeof dims[2] === 'number' ? dims[2] : FRAME_SIDE
  // SAM 2 hands its decoder maps of two finer resolutions.
  const isSecond = outputs.some(name => /high_res_feats|image_embeddings\.\d/.test(name))
  return { kind: isSecond ? 'stretched' : 'padded', input, side }
}

/** The size that a picture is scaled to for an encoder. */
export function frameFor({ kind, side }: EncoderLayout, { width, height }: Extent): Extent {
  if (kind === 'stretched') return { width: side, height: side }
  const scale = side / Math.max(width, height)
  const scaled = (length: number) => Math.max(1, Math.round(length * scale))
  return { width: scaled(width), height: scaled(height) }
}

/** @param pixels of the size of {@link frameFor} */
export function encoderInput({ kind, side }: EncoderLayout, { width, height, data }: Pixels): TensorData {
  if (kind === 'bytes') return { data: Float32Array.from(data), dims: [height, width, 3] }
  const planes = new Float32Array(3 * side * side)
  for (let channel = 0; channel < 3; channel++) {
    const [mean, deviation] = [MEAN[channel]!, DEVIATION[channel]!]
    for (let y = 0; y < height; y++) {
      const row = channel * side * side + y * side
      for (let x = 0; x < width; x++) planes[row + x] = (data[(y * width + x) * 3 + channel]! - mean) / deviation
    }
  }
  return { data: planes, dims: [1, 3, side, side] }
}

/** `points`: SAM's export, the corners of a box are points with other labels. `boxes`: transformers.js, with an input for boxes if it has one. */
export type DecoderLayout = 'points' | 'boxes'

/** @returns undefined if it isn't a decoder of this family */
export function decoderLayout({ inputs }: OnnxSession): DecoderLayout | undefined {
  if (inputs.has('point_coords') && inputs.has('point_labels')) return 'points'
  return inputs.has('input_points') && inputs.has('input_labels') ? 'boxes' : undefined
}

/** Labels of points: inside, outside, the two corners of a box, and a point that stands for no box. */
const LABEL = { inside: 1, outside: 0, topLeft: 2, bottomRight: 3, padding: -1 } as const

type LabelledPoint = { readonly at: readonly [number, number]; readonly label: number }

/** The inputs of a decoder in addition to the embeddings. @property coordinates how many points it sees, the padding point included */
export type PromptInputs = { readonly feeds: Readonly<Record<string, TensorData>>; readonly coordinates: number }

/**
 * @param scale from pixels of the picture to those of the frame, per axis
 * @param frame the size of the scaled picture
 */
export function promptInputs(
  { inputs, outputs }: OnnxSession,
  prompt: SegmentPrompt,
  scale: { readonly x: number; readonly y: number },
  frame: Extent,
): PromptInputs {
  const { points, box: around } = prompt
  // The centre of the pixel that was clicked.
  const clicks: readonly LabelledPoint[] = points.map(({ x, y, inside }) => ({
    at: [(x + 0.5) * scale.x, (y + 0.5) * scale.y],
    label: inside ? LABEL.inside : LABEL.outside,
  }))
  const corners = around && [
    [around.x * scale.x, around.y * scale.y] as const,
    [(around.x + around.width) * scale.x, (around.y + around.height) * scale.y] as const,
  ]
  if (inputs.has('input_points')) return transformersInputs(inputs, clicks, corners)
  const box: readonly LabelledPoint[] = corners
    ? [
        { at: corners[0]!, label: LABEL.topLeft },
        { at: corners[1]!, label: LABEL.bottomRight },
      ]
    : [{ at: [0, 0], label: LABEL.padding }]
  const all = [...clicks, ...box]
  // Masks are scaled by us; where the graph scales them too, to the smallest size that loses nothing.
  const returned = outputs.includes('low_res_masks') ? 4 : 1
  const fixed: Record<string, TensorData> = {
    point_coords: { data: Float32Array.from(all.flatMap(({ at }) => at)), dims: [1, all.length, 2] },
    point_labels: { data: Float32Array.from(all, ({ label }) => label), dims: [1, all.length] },
    mask_input: { data: new Float32Array(256 * 256), dims: [1, 1, 256, 256] },
    has_mask_input: { data: Float32Array.of(0), dims: [1] },
    orig_im_size: {
      data: Float32Array.of(Math.ceil(frame.height / returned), Math.ceil(frame.width / returned)),
      dims: [2],
    },
  }
  const feeds = Object.fromEntries(Object.entries(fixed).filter(([name]) => inputs.has(name)))
  return { feeds, coordinates: all.length }
}

function transformersInputs(
  inputs: OnnxSession['inputs'],
  clicks: readonly LabelledPoint[],
  corners: readonly (readonly [number, number])[] | undefined,
): PromptInputs {
  const takesBoxes = inputs.has('input_boxes')
  // A decoder without boxes is asked for what is in the middle of the box.
  const middle = corners && ([0, 1] as const).map(axis => (corners[0]![axis] + corners[1]![axis]) / 2)
  const all =
    takesBoxes || !middle ? clicks : [...clicks, { at: [middle[0]!, middle[1]!] as const, label: LABEL.inside }]
  const feeds: Record<string, TensorData> = {
    input_points: { data: Float32Array.from(all.flatMap(({ at }) => at)), dims: [1, 1, all.length, 2] },
    input_labels: { data: Float32Array.from(all, ({ label }) => label), dims: [1, 1, all.length] },
  }
  if (takesBoxes) {
    feeds.input_boxes = { data: Float32Array.from(corners?.flat() ?? []), dims: [1, corners ? 1 : 0, 4] }
  }
  return { feeds, coordinates: all.length + (corners && takesBoxes ? 2 : 1) }
}
