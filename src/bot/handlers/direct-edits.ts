import type { Edit } from '../../inference/pipeline/edit.js'

/** The edits of message commands that ask nothing but which picture. */
export const DIRECT_EDITS = {
  zoom: { kind: 'zoom', factor: 1.5, grow: false },
  square: { kind: 'square' },
  upscale: { kind: 'upscale', scale: 2 },
} as const satisfies Record<string, Edit>
