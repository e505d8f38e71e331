import type { PaintedPicture } from '../../src/inference/pipeline/paint-request.js'

/** A picture that nobody painted, for tests of what carries pictures. */
export function paintedPicture(seed: number, png: Uint8Array, size = { width: 1, height: 1 }): PaintedPicture {
  const old = { x: 0, y: 0, ...size }
  const recipe = { edit: { kind: 'square' as const }, old, prompt: '', seed, engine: 'fill', source: '' }
  return { seed, ...size, recipe, png }
}
