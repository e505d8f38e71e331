/** Ranges of the editor's fields, both ends included. They are those of `inference/pipeline`; a test compares them. */
export const DRAWING_LIMITS = {
  /** Pixels of the picture. */
  grow: { min: 0, max: 256 },
  /** Pixels of the picture. */
  blur: { min: 0, max: 64 },
  /** Denoising strength. */
  strength: { min: 0.05, max: 1 },
  /** Of a new frame: each side in pixels, and its area. */
  frame: { min: 1, max: 16384, megapixels: 50 },
  /** How many times its own size a picture can have in a new frame. */
  placeScale: { min: 0.01, max: 8 },
  /** Pictures. */
  variations: { min: 1, max: 4 },
  /** Of one picture; the variations count up from it. */
  seed: { min: 0, max: 2 ** 32 - 1 },
  /** Points of one selection. It is that of `inference/segment`. */
  points: { max: 64 },
  /** Characters. */
  prompt: { max: 1000 },
  /** Characters; a recipe may bring more than a person can type. */
  negative: { max: 6000 },
  /** Characters. */
  control: { max: 130 },
} as const
