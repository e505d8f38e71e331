import { fileURLToPath } from 'node:url'

const picture = new URL('../../examples/lighthouse.png', import.meta.url)

/** The path of a landscape that the project draws itself (`examples/draw.ts`). */
export const SAMPLE_PICTURE = fileURLToPath(picture)
