import { expect, test } from 'vitest'
import { createEngineRegistry } from '../../../src/inference/engines/registry.js'
import { engineCache } from '../../../src/inference/runtime/engine-cache.js'
import { problemIn } from '../../support/problems.js'

const engines = createEngineRegistry({ modelFolder: 'test/fixtures/diffusion/models' })

test('the model that was not used for longest makes room; built-in engines need none', async () => {
  const budget = engines.bytesOf('sd1') + engines.bytesOf('sd1-inpaint') + 1000
  const cache = engineCache({ engines, budget })
  const fill = await cache.get('fill')
  await cache.get('sd1')
  await cache.get('sd2-v')
  expect(cache.names()).toEqual(['fill', 'sd1', 'sd2-v'])
  // Used again, it is no longer the oldest.
  const sd1 = await cache.get('sd1')
  await cache.get('sd1-inpaint')
  expect(cache.names()).toEqual(['fill', 'sd1', 'sd1-inpaint'])
  expect(await cache.get('sd1')).toBe(sd1)
  expect(await cache.get('fill')).toBe(fill)
  // A model that is larger than the budget is opened, too.
  const tiny = engineCache({ engines, budget: 10 })
  await tiny.get('sd1')
  await tiny.get('sdxl')
  expect(tiny.names()).toEqual(['sdxl'])
  await cache.close()
  await tiny.close()
  expect(cache.names()).toEqual([])
})

test('an unknown engine leaves the others open', async () => {
  const cache = engineCache({ engines })
  await cache.get('fill')
  expect(await problemIn(cache.get('nothing like it'))).toMatchObject({ code: 'engine-unknown' })
  expect(cache.names()).toEqual(['fill'])
  await cache.close()
})
