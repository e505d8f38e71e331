import { expect, test } from 'vitest'
import { batched } from '../../src/queue/backends/batch.js'

test('items that arrive while a batch runs go together into the next one, in order', async () => {
  const batches: number[][] = []
  let release = () => {}
  const add = batched<number>(async items => {
    batches.push([...items])
    if (batches.length === 1) await new Promise<void>(resolve => (release = resolve))
  })
  const first = add(1)
  await new Promise(resolve => setImmediate(resolve))
  const rest = [add(2), add(3), add(4)]
  release()
  await Promise.all([first, ...rest])
  expect(batches).toEqual([[1], [2, 3, 4]])
})

test('when a batch fails, all calls in it fail, and the next batch runs', async () => {
  const add = batched<string>(async items => {
    if (items.includes('bad')) throw new Error('no')
  })
  const results = await Promise.allSettled([add('good'), add('bad')])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await add('afterwards')
})
