import { type Edit, REDRAW_STRENGTH } from '../../inference/pipeline/edit.js'

/** Midjourney's two ways to upscale. */
export const UPSCALE_EDITS = {
  subtle: { kind: 'upscale', scale: 2 },
  creative: { kind: 'upscale', scale: 2, creative: { strength: REDRAW_STRENGTH.default } },
} as const satisfies Record<string, Edit>

/** The edits of message commands that ask nothing but which picture. */
export const DIRECT_EDITS = {
  zoom: { kind: 'zoom', factor: 1.5, grow: false },
  square: { kind: 'square' },
  upscale: UPSCALE_EDITS.subtle,
} as const satisfies Record<string, Edit>
