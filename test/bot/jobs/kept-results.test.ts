import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createKeptResults } from '../../../src/bot/jobs/kept-results.js'
import type { Recipe } from '../../../src/inference/pipeline/recipe.js'
import type { Backend } from '../../../src/queue/backends/backend.js'
import { embeddedBackend } from '../../../src/queue/backends/embedded.js'

const recipe: Recipe = {
  edit: { kind: 'square' },
  old: { x: 0, y: 0, width: 8, height: 4 },
  prompt: '',
  seed: 1,
  engine: 'fill',
  source: '',
}

let folder: string
let backend: Backend
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-kept-'))
  await cp(inject('database'), join(folder, 'queue'), { recursive: true })
  backend = await embeddedBackend(folder, { onError: error => expect.unreachable(error.message) })
})
afterAll(async () => {
  await backend.close()
  await rm(folder, { recursive: true })
})

test.each(['not JSON', '{"version":2}', 'null'])(
  'a kept result that can’t be read hides no other one: %s',
  async text => {
    const person = `ada ${text.length}`
    const kept = createKeptResults(backend)
    await backend.store.claim(`kept:${person}:0:claim`, 60)
    await backend.store.set(`kept:${person}:0`, 60, text)
    const file = { name: 'overscan-1.png', width: 8, height: 8, bytes: Buffer.from('picture'), recipe }
    await kept.keep(person, { files: [file], hiddenFiles: [], spoiler: true, server: '1' })
    const { results, left } = await kept.take(person, 5)
    expect(results).toMatchObject([{ files: [{ name: 'overscan-1.png' }], spoiler: true, server: '1' }])
    expect(left).toBe(0)
  },
)
