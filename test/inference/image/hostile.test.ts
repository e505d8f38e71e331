import { describe, expect, test } from 'vitest'
import { fileExtension, readHeader } from '../../../src/inference/image/header.js'
import { stripMetadata } from '../../../src/inference/image/strip-metadata.js'
import { readRecipe } from '../../../src/inference/pipeline/recipe-file.js'
import { HOSTILE_PICTURES } from '../../support/hostile-pictures.js'
import { problemIn } from '../../support/problems.js'

/** What the bot does to a file in its own process. */
async function handle(file: Uint8Array) {
  const stripped = stripMetadata(file)
  const problem = await problemIn(
    Promise.resolve().then(() => ({ ...readHeader(stripped), as: fileExtension(stripped) })),
  )
  return { stripped, problem, recipe: readRecipe(stripped) }
}

describe('a file that was made to hurt', () => {
  test.each(HOSTILE_PICTURES)('$name takes no memory', async ({ make }) => {
    const file = make()
    const before = process.memoryUsage()
    const { stripped } = await handle(file)
    const after = process.memoryUsage()
    // Objects for each of millions of parts would take several times the file.
    expect(after.heapUsed - before.heapUsed).toBeLessThan(48 * 1024 * 1024)
    expect(stripped.length).toBeLessThanOrEqual(file.length + 1024)
  })

  test.each(HOSTILE_PICTURES.filter(({ refused }) => refused))('$name is refused', async ({ make, refused }) => {
    expect(await handle(make())).toMatchObject({ problem: { code: refused } })
  })
})
