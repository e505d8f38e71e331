import { fileURLToPath } from 'node:url'

const picture = new URL('../../examples/lighthouse.png', import.meta.url)

/** A landscape that the project drew itself. */
export const SAMPLE_PICTURE = fileURLToPath(picture)
