import { expect, test } from 'vitest'
import { laneOf, lanesOf } from '../../../src/queue/lanes.js'
import { fairOrder } from '../../../src/queue/view/fair-order.js'
import type { QueueEntry } from '../../../src/queue/view/queue-entry.js'
import { looksSame } from '../../../src/queue/view/shown-states.js'

const entry = (id: string, more: Partial<QueueEntry> = {}): QueueEntry => ({
  id,
  person: id,
  server: undefined,
  edit: { kind: 'square' },
  pictureCount: 1,
  lane: 'a',
  priority: 2,
  phase: 'waiting',
  progress: 0,
  ...more,
})

test('once a run time was measured, a waiting job has an expected wait', () => {
  let devices = 1
  const order = fairOrder({ deviceCount: () => devices })
  order.add(entry('first', { phase: 'running' }))
  order.add(entry('second', { pictureCount: 2 }))
  expect(order.stateOf('second')).toEqual({ state: 'waiting', position: 1 })
  order.remove('first', 4000)
  order.start('second')
  order.add(entry('third'))
  order.add(entry('fourth'))
  // Two pictures of four seconds each are being painted, and one is before the fourth job.
  const expectedWaits = () => ['third', 'fourth'].map(id => order.states().get(id))
  expect(expectedWaits()).toMatchObject([{ waitMs: 8000 }, { waitMs: 12_000 }])
  order.setProgress('second', 0.5)
  expect(expectedWaits()).toMatchObject([{ waitMs: 4000 }, { waitMs: 8000 }])
  devices = 2
  order.invalidate()
  expect(expectedWaits()).toMatchObject([{ waitMs: 2000 }, { waitMs: 4000 }])
  devices = 0
  order.invalidate()
  expect(expectedWaits()).toEqual([1, 2].map(position => ({ state: 'waiting', position, noWorker: true })))
})

test('jobs of other lanes do not count for a position', () => {
  const order = fairOrder({ deviceCount: () => 1 })
  for (const id of ['a', 'b']) order.add(entry(id))
  order.add(entry('c', { lane: 'other' }))
  expect([...order.states()].map(([id, state]) => [id, state.state === 'waiting' && state.position])).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 1],
  ])
})

test('rounds: a person’s next job waits until everybody had a turn, and a newcomer joins the current round', () => {
  const order = fairOrder({ deviceCount: () => 1 })
  const add = (id: string, person: string, first = false) => {
    order.add(entry(id, { person, priority: order.priorityFor(person, first) }))
  }
  for (const id of ['a1', 'a2', 'a3']) add(id, 'ada')
  order.start('a1')
  add('b1', 'bob')
  add('v1', 'vip', true)
  expect([...order.states().keys()]).toEqual(['a1', 'v1', 'b1', 'a2', 'a3'])
  for (const id of ['a1', 'v1', 'b1']) order.remove(id)
  order.start('a2')
  // Bob has no job in the current round, that of a2.
  add('b2', 'bob')
  add('b3', 'bob')
  expect([...order.states().keys()]).toEqual(['a2', 'b2', 'a3', 'b3'])
  expect(order.countWaiting('bob', undefined)).toEqual({ total: 3, ofPerson: 2, ofServer: 0 })
  for (const id of ['a2', 'b2', 'a3', 'b3']) order.remove(id)
  expect(order.priorityFor('ada', false)).toBe(2)
})

test('a job that waits again is in its old position', () => {
  const order = fairOrder({ deviceCount: () => 1 })
  order.add(entry('a', { priority: 2 }))
  order.add(entry('b', { priority: 4 }))
  order.start('a')
  order.setProgress('a', 0.4)
  expect(order.stateOf('a')).toEqual({ state: 'running', progress: 0.4 })
  order.requeue('a')
  expect([...order.states().keys()]).toEqual(['a', 'b'])
})

test('waits that differ by less than a second look the same', () => {
  const waiting = (waitMs: number, position = 1) => ({ state: 'waiting', position, waitMs }) as const
  expect(looksSame(waiting(4000), waiting(4900))).toBe(true)
  expect(looksSame(waiting(4000), waiting(5100))).toBe(false)
  expect(looksSame(waiting(4000), waiting(4000, 2))).toBe(false)
  expect(looksSame({ state: 'running', progress: 0.5 }, { state: 'running', progress: 0.5 })).toBe(true)
  expect(looksSame({ state: 'running', progress: 0.5 }, { state: 'running', progress: 0.6 })).toBe(false)
})

test('lanes: one for each engine and size class', () => {
  expect(laneOf({ engine: 'fill', megapixels: 0.4 })).toBe('paint-fill-4')
  expect(laneOf({ engine: 'fill', megapixels: 4 })).toBe('paint-fill-4')
  expect(laneOf({ engine: 'fill', megapixels: 4.1 })).toBe('paint-fill-16')
  expect(laneOf({ engine: 'fill:pde', megapixels: 900 })).toBe('paint-fill-64')
  expect(lanesOf({ engines: ['fill', 'fill:pde'], maxMegapixels: 4 })).toEqual(['paint-fill-4'])
  expect(lanesOf({ engines: ['fill'], maxMegapixels: 16 })).toEqual(['paint-fill-4', 'paint-fill-16'])
  expect(lanesOf({ engines: ['fill'], maxMegapixels: 3 })).toEqual([])
})
