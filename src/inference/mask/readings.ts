import { type Problem, UserError } from '../../user-error.js'
import type { Rgba } from '../image/decode.js'
import { filledMask, KEEP, type Mask, PAINT, type SoftMask } from '../image/pixels.js'
import { commonTexture, type DiffMask, diffMask, sameShare } from './diff-mask.js'

/** What a drawing can be: white on black, holes in it, strokes on nothing, or marks on a copy of the picture. */
export type ReadingKind = 'black-and-white' | 'transparent' | 'layer' | 'marked'

/** What a person can say that their mask is. */
export const MASK_READINGS = ['white', 'transparent', 'marks'] as const
export type MaskReading = (typeof MASK_READINGS)[number]

/** One way to understand a drawing. It is as good as its score, from 0 to 1. */
export type Reading = {
  readonly kind: ReadingKind
  readonly score: number
  /** Of the size of what was compared; or what is wrong if the drawing is meant so. */
  readonly found: { readonly mask: SoftMask } | { readonly problem: Problem }
  /** False where the mask itself is doubtful, even if the reading is not. */
  readonly certain: boolean
  /** How much of a black-and-white picture's structure a black-and-white drawing has, from 0 to 1. */
  readonly structure?: number
}

/** A pixel of a drawing counts as transparent below this alpha: half of it. */
const OPAQUE_ALPHA = 128

/** Weaker values are compression artefacts, and stronger ones are meant to be whole. */
const ARTEFACT = 16

/** A mask whose strongest value is below this marks nothing, or too faintly. */
const FAINT = { empty: 24, low: 64 } as const

/** A smaller standard deviation has no structure, in luma levels. */
const FLAT_DEVIATION = 8

/**
 * How plausible it is that this share of a picture is to be painted: 1 up to a half, 0.1 from 95% on, linear between. People
 * repaint a part; a larger share is mostly the same mask inverted.
 */
export function plausibility(share: number): number {
  if (share <= 0.5) return 1
  return Math.max(0.1, 1 - (0.9 * (share - 0.5)) / 0.45)
}

/**
 * The two readings of a drawing with transparent pixels that the picture does not have: they are painted, or the opaque pixels
 * around them are. If the opaque pixels show the picture, it was erased elsewhere. If not, the ground is the kind that
 * touches the border.
 *
 * Both pictures have the same size.
 */
export function transparencyReadings(drawn: Rgba, original: Rgba): Reading[] {
  const { width, height } = drawn
  const holes = filledMask(drawn, KEEP)
  const strokes = filledMask(drawn, KEEP)
  let [added, opaque, same, hidden, strongest] = [0, 0, 0, 0, 0]
  let [sum, squares, border, clearBorder, shared] = [0, 0, 0, 0, 0]
  for (let at = 0; at < holes.data.length; at++) {
    const [alpha, alphaBefore] = [drawn.data[at * 4 + 3]!, original.data[at * 4 + 3]!]
    holes.data[at] = withoutArtefacts(alphaBefore - alpha)
    strokes.data[at] = withoutArtefacts(alpha)
    strongest = Math.max(strongest, alpha)
    if (alpha < OPAQUE_ALPHA && alphaBefore < OPAQUE_ALPHA) shared++
    const x = at % width
    const isBorder = x === 0 || at < width || x === width - 1 || at >= width * (height - 1)
    // The picture's own transparent border says nothing.
    if (isBorder && alphaBefore >= OPAQUE_ALPHA) border++
    if (isBorder && alphaBefore >= OPAQUE_ALPHA && alpha < ARTEFACT) clearBorder++
    if (holes.data[at]! > KEEP) added++
    if (alpha < ARTEFACT) continue
    hidden += alpha / 255
    opaque++
    const luma = lumaAt(drawn, at)
    sum += luma
    squares += luma * luma
    if (distanceAt(drawn, original, at) <= ARTEFACT + 8) same++
  }
  if (added === 0) {
    if (shared === 0) return []
    // What is missing in both is the only thing that the drawing can say.
    const score = same > 0.98 * opaque ? 0.3 : 0
    const mask = { ...holes, data: holes.data.map((_, at) => withoutArtefacts(255 - drawn.data[at * 4 + 3]!)) }
    return [{ kind: 'transparent', score, found: { mask }, certain: false }]
  }
  const total = holes.data.length
  const erased: Reading = { kind: 'transparent', score: 1, found: { mask: holes }, certain: true }
  if (opaque === 0) return [{ ...erased, found: { problem: { code: 'mask-full' } } }]
  // The opacity of a brush is not a strength: a stroke marks all that it covers.
  const whole = strokes.data.map(value => withoutArtefacts(Math.round((value * 255) / Math.max(1, strongest))))
  const isFlat = squares / opaque - (sum / opaque) ** 2 < FLAT_DEVIATION ** 2
  const shows = same / opaque
  // A flat colour may be the picture's by chance.
  const [asErased, asLayer] = isFlat ? (shows > 0.95 ? [0.6, 0.4] : [0.5, 0.5]) : shows > 0.6 ? [1, 0.05] : [0.3, 0.6]
  const clear = border > 0 ? clearBorder / border : 0.5
  return [
    { ...erased, score: asErased * plausibility(added / total) * (shows > 0.6 && !isFlat ? 1 : 1 - 0.5 * clear) },
    {
      kind: 'layer',
      score: asLayer * plausibility(hidden / total) * (0.5 + 0.5 * clear),
      found: { mask: { ...strokes, data: whole } },
      certain: true,
    },
  ]
}

/** The drawing as a mask whose white is painted. @param drawn without transparency */
export function whiteReading(drawn: Rgba): Reading {
  const mask = filledMask(drawn, KEEP)
  const total = mask.data.length
  let [white, grey, coloured, rough, highest] = [0, 0, 0, 0, 0]
  let [before, beforeThat] = [0, 0]
  for (let at = 0; at < total; at++) {
    const [red, green, blue] = [drawn.data[at * 4]!, drawn.data[at * 4 + 1]!, drawn.data[at * 4 + 2]!]
    const luma = lumaAt(drawn, at)
    const isColoured = Math.max(red, green, blue) - Math.min(red, green, blue) > 64
    // A colour is a pen's, not a grey's: it is meant as a whole.
    mask.data[at] = isColoured ? PAINT : withoutArtefacts(Math.round(luma))
    white += mask.data[at]! / PAINT
    if (luma >= 56 && luma < 200) grey++
    else if (luma >= 24 && luma < 232) grey += 0.5
    if (isColoured) coloured++
    if (Math.abs(luma - 2 * before + beforeThat) > 6) rough++
    ;[before, beforeThat] = [luma, before]
    highest = Math.max(highest, luma)
  }
  const isSmooth = rough < 0.1 * total
  // A soft mask has many greys, but neither colour nor texture.
  const unlike = Math.max(coloured / (0.35 * total), isSmooth ? Math.min(0.5, grey / total) : grey / (0.35 * total))
  const score = Math.max(0, 1 - unlike) * plausibility(white / total)
  const certain = grey < 0.1 * total && coloured < 0.05 * total
  const problem = (code: 'mask-not-recognized' | 'mask-empty' | 'mask-low-contrast' | 'mask-full'): Reading => {
    return { kind: 'black-and-white', score, certain, found: { problem: { code } } }
  }
  if (unlike >= 1) return { ...problem('mask-not-recognized'), score: 0 }
  // A drawing that marks something in another way is rather that.
  if (highest < FAINT.low)
    return { ...problem(highest < FAINT.empty ? 'mask-empty' : 'mask-low-contrast'), score: 0.3 * score }
  return { kind: 'black-and-white', score, certain, found: { mask } }
}

/**
 * The drawing as a copy of the picture with marks on it; undefined if it shows too little of the picture. A copy has the
 * picture's texture; or, where the marks cover all texture, the same ground.
 *
 * Both pictures have the same size.
 */
export function marksReading(copy: Rgba, original: Rgba): Reading | undefined {
  const texture = commonTexture(copy, original)
  const same = sameShare(copy, original)
  const isBlackAndWhiteCopy = isBlackAndWhite(copy)
  const isCopy = texture !== undefined && texture >= MIN_COMMON_TEXTURE
  if (!isCopy && same < MIN_SAME_GROUND) return undefined
  let diff: DiffMask
  try {
    diff = diffMask(copy, original)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    // A mask whose outlines are the picture's by chance has little else of it.
    if (same < MIN_SAME_GROUND) return undefined
    // The same two colours in both, and no difference: whether it is a mask or a copy, nothing was drawn.
    return { kind: 'marked', score: 0.9, found: { problem: error.problem }, certain: true, structure: texture ?? same }
  }
  const { mask, drawn } = diff
  const share = shareOf(mask)
  const textureAround = commonTexture(copy, original, mask)
  const around = textureAround ?? 1
  if (!isCopy && around < MIN_TEXTURE_AROUND) return undefined
  const likeness = isCopy ? 0.5 + 0.5 * texture : 0.8
  const found = { mask }
  if (!isBlackAndWhiteCopy || isColoured(copy, drawn)) {
    return { kind: 'marked', score: likeness * plausibility(share), found, certain: diff.certain }
  }
  // A mask of a photo has the photo's texture nowhere, but may share its black or white ground.
  if (!isBlackAndWhite(original)) {
    const score =
      around >= MIN_TEXTURE_AROUND && same > 0.5 ? 0.4 * onePen(copy, original, drawn) * plausibility(share) : 0
    return { kind: 'marked', score, found, certain: false }
  }
  // A mask of a black-and-white picture has some of its outlines; a copy has nearly all of them, and one pen's colour.
  // Where the marks cover all of its outlines, the ground has to do.
  const likeWhole = textureAround === undefined ? Math.max(same, texture ?? 0) : (texture ?? same)
  const score = likeWhole * onePen(copy, original, drawn) * plausibility(share)
  return { kind: 'marked', score, found, certain: false, structure: texture ?? 0 }
}

/** A copy has at least this share of its textured blocks in common with the original. */
const MIN_COMMON_TEXTURE = 0.25

/** Where no texture is in common, a copy has at least this share of its pixels in common with the original. */
const MIN_SAME_GROUND = 0.4

/** And around the marks at least this share of the texture. */
const MIN_TEXTURE_AROUND = 0.7

/** Whether most of the drawing is neither black nor white. */
function isColoured({ data }: Rgba, drawn: Mask): boolean {
  let [coloured, all] = [0, 0]
  for (let at = 0; at < drawn.data.length; at++) {
    if (drawn.data[at] !== PAINT) continue
    all++
    const [red, green, blue] = [data[at * 4]!, data[at * 4 + 1]!, data[at * 4 + 2]!]
    if (Math.max(red, green, blue) > 40 && Math.min(red, green, blue) < 215) coloured++
  }
  return coloured > 0.5 * all
}

/** Pixels that differ less were not drawn but compressed, in levels of a channel. */
const MIN_PEN_DIFFERENCE = 40

/** From 0 to 1: whether what differs is of one colour in a black-and-white picture, and not that of its ground. */
function onePen(copy: Rgba, original: Rgba, drawn: Mask): number {
  let [white, black, ground] = [0, 0, 0]
  for (let at = 0; at < drawn.data.length; at++) {
    const isWhite = lumaAt(copy, at) >= 128
    if (drawn.data[at] !== PAINT) ground += isWhite ? 1 : -1
    else if (distanceAt(copy, original, at) < MIN_PEN_DIFFERENCE) continue
    else if (isWhite) white++
    else black++
  }
  const pure = Math.max(white, black) / Math.max(1, white + black)
  const penIsWhite = white > black
  const erases = penIsWhite === ground > 0
  return Math.max(0, (pure - 0.8) / 0.2) * (erases ? 0.3 : 1)
}

/** Nothing but black and white, except for edges and compression artefacts. */
function isBlackAndWhite({ data }: Rgba): boolean {
  let other = 0
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!]
    if (Math.max(red, green, blue) > 40 && Math.min(red, green, blue) < 215) other++
  }
  return other < 0.05 * (data.length / 4)
}

function shareOf({ data }: SoftMask): number {
  let sum = 0
  for (const value of data) sum += value
  return sum / (255 * data.length)
}

/** Rec. 601, 0 to 255. */
function lumaAt({ data }: Rgba, at: number): number {
  return 0.299 * data[at * 4]! + 0.587 * data[at * 4 + 1]! + 0.114 * data[at * 4 + 2]!
}

function distanceAt(one: Rgba, other: Rgba, at: number): number {
  const difference = (channel: number) => Math.abs(one.data[at * 4 + channel]! - other.data[at * 4 + channel]!)
  return Math.max(difference(0), difference(1), difference(2))
}

function withoutArtefacts(value: number): number {
  if (value < ARTEFACT) return KEEP
  return value >= 255 - ARTEFACT ? PAINT : value
}
