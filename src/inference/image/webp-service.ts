import { workerProcess } from '../runtime/worker-process.js'

export type WebpTask = { readonly file: Uint8Array; readonly parameters: string; readonly limit: number }

/** Four qualities of a picture of 50 megapixels take 40 seconds on a slow machine. In milliseconds. */
const TIMEOUT_MS = 120_000

/** Makes pictures smaller that are too large for Discord, in a process with limits: sources are what strangers sent. */
export interface WebpService {
  /** As `encodeWebp`. @throws UserError `picture-too-demanding`, and those of `encodeWebp` */
  encode(file: Uint8Array, parameters: string, limit: number): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

export function createWebpService(): WebpService {
  const worker = workerProcess<WebpTask, Uint8Array | undefined>(import.meta.url, 'webp-tasks', {
    timeoutMs: TIMEOUT_MS,
  })
  return {
    encode: (file, parameters, limit) => worker.run({ file, parameters, limit }),
    close: worker.close,
  }
}
