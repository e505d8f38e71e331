import { OperatorError } from './known-causes/cause.js'

/** Longer than a sleeping hard disk takes to start, in milliseconds. */
const DISK_TIMEOUT_MS = 10_000

/**
 * What a disk answers. One that is gone, such as that of a network folder whose server is down, may leave a request without any answer.
 *
 * @param timeoutMs for tests
 * @throws OperatorError where it does not answer
 */
export async function answersInTime<T>(path: string, answer: Promise<T>, timeoutMs = DISK_TIMEOUT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    const error = new OperatorError({
      says: `The disk of ${path} doesn’t answer`,
      todo: 'Check the disk and its connection, for example with dmesg, or set another folder in .env.',
    })
    timer = setTimeout(() => reject(error), timeoutMs)
  })
  try {
    return await Promise.race([answer, timeout])
  } finally {
    clearTimeout(timer)
  }
}
