import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'
import { mustNotSkip } from './must-not-skip.js'

/** Real photos, masks and Discord's own documents, in a folder next to the checkout, where there is one. */
export function shared(path: string): string {
  return fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url))
}

/** A test that needs something from that folder. Without it the test is skipped with a warning, or fails: {@link mustNotSkip}. */
export function testWithShared(path: string, name: string, body: () => Promise<void>): void {
  const here = existsSync(shared(path))
  if (!here) console.warn(`SKIPPED: “${name}” needs ${shared(path)}, which is not there.`)
  test.skipIf(!here && !mustNotSkip)(name, async () => {
    if (!here) throw new Error(`${shared(path)} is not there`)
    await body()
  })
}
