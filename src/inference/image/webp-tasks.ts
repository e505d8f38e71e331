import { encodeWebp } from './webp.js'
import type { WebpTask } from './webp-service.js'

/** The process's side of webp-service.ts. */
export default async function runWebpTask({ file, parameters, limit }: WebpTask): Promise<Uint8Array | undefined> {
  return encodeWebp(file, parameters, limit)
}
