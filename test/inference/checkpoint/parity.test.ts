import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareCases } from '../../../tools/compare.js'
import { MODELS, type Precision, writeCase, writeFolder, writeSingle } from '../../support/checkpoints.js'

/** In all of them the numbers are the same: half precision can hold them. */
const LAYOUTS = [
  ['single file', 'F32'],
  ['single file', 'F16'],
  ['folder', 'F32'],
  ['folder', 'F16'],
] as const satisfies readonly (readonly [string, Precision])[]

describe.each(MODELS)('%s paints what diffusers paints with the same checkpoint,', name => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-checkpoints-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each(LAYOUTS)(
    '%s of %s',
    async (layout, precision) => {
      const at = join(folder, `${layout}-${precision}`)
      const model = join(folder, layout === 'folder' ? `${name}-${precision}` : `${name}-${precision}.safetensors`)
      await (layout === 'folder' ? writeFolder : writeSingle)(name, model, precision)
      await writeCase(name, join(at, name), model)
      const found = []
      for await (const one of compareCases(at)) found.push(one)
      expect(found.map(({ of, isSame }) => [of, isSame])).toEqual([
        ['latents', true],
        ['picture', true],
      ])
      // Far below the bound: it is the same in single precision, computed in another order.
      expect(found[0]!.largest).toBeLessThan(3e-4)
    },
    60_000,
  )
})
