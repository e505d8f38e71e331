/** The tools and their shortcuts. */
export const TOOLS = [
  ['select', 's'],
  ['brush', 'b'],
  ['eraser', 'e'],
  ['lasso', 'l'],
  ['rectangle', 'r'],
  ['hand', 'h'],
] as const

export type Tool = (typeof TOOLS)[number][0]

/** The brush's diameter in pixels of the picture, both ends included. */
export const BRUSH_SIZE = { min: 2, max: 1000 }

export function clampBrushSize(size: number): number {
  return Math.round(Math.min(BRUSH_SIZE.max, Math.max(BRUSH_SIZE.min, size)))
}
