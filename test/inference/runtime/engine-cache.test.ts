import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelSizeBytes } from '../../../src/inference/engines/model-folder.js'
import { engineCache } from '../../../src/inference/runtime/engine-cache.js'
import { problemIn } from '../../support/problems.js'

const MODELS = 'test/fixtures/diffusion/models'
let before: string | undefined
beforeAll(() => {
  before = process.env.MODEL_FOLDER
  process.env.MODEL_FOLDER = MODELS
})
afterAll(() => {
  if (before === undefined) delete process.env.MODEL_FOLDER
  else process.env.MODEL_FOLDER = before
})

test('the model that was not used for longest makes room; what is built in needs none', async () => {
  const two = modelSizeBytes(`${MODELS}/sd1`) + modelSizeBytes(`${MODELS}/sd1-inpaint`) + 1000
  const engines = engineCache(two)
  const fill = await engines.get('fill')
  await engines.get('sd1')
  await engines.get('sd2-v')
  expect(engines.names()).toEqual(['fill', 'sd1', 'sd2-v'])
  // Used again, it is not the oldest any more.
  const sd1 = await engines.get('sd1')
  await engines.get('sd1-inpaint')
  expect(engines.names()).toEqual(['fill', 'sd1', 'sd1-inpaint'])
  expect(await engines.get('sd1')).toBe(sd1)
  expect(await engines.get('fill')).toBe(fill)
  // One that is larger than all there is still gets its place.
  const tight = engineCache(10)
  await tight.get('sd1')
  await tight.get('sdxl')
  expect(tight.names()).toEqual(['sdxl'])
  await engines.close()
  await tight.close()
  expect(engines.names()).toEqual([])
})

test('an engine that is not there leaves the others as they are', async () => {
  const engines = engineCache()
  await engines.get('fill')
  expect(await problemIn(engines.get('nothing like it'))).toMatchObject({ code: 'engine-unknown' })
  expect(engines.names()).toEqual(['fill'])
  await engines.close()
})
