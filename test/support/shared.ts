import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'

/** Real photos, masks and Discord's own documents: they lie beside the checkout where they are to be had. */
export function shared(path: string): string {
  return fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url))
}

/**
 * A test that needs something from beside the checkout. Where that is missing it is skipped, and says so loudly; in
 * continuous integration it fails instead.
 */
export function testWithShared(path: string, name: string, body: () => Promise<void>): void {
  const here = existsSync(shared(path))
  if (!here) console.warn(`SKIPPED: “${name}” needs ${shared(path)}, which is not there.`)
  test.skipIf(!here && process.env.CI !== 'true')(name, async () => {
    if (!here) throw new Error(`${shared(path)} is not there`)
    await body()
  })
}
