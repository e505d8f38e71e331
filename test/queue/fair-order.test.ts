import { expect, test } from 'vitest'
import { fairOrder, looksSame, type QueueEntry } from '../../src/queue/fair-order.js'
import { laneOf, lanesOf } from '../../src/queue/lanes.js'

const entry = (id: string, more: Partial<QueueEntry> = {}): QueueEntry => ({
  id,
  person: id,
  server: undefined,
  edit: { kind: 'square' },
  pictures: 1,
  lane: 'a',
  priority: 2,
  phase: 'waiting',
  done: 0,
  ...more,
})

test('once something was measured, who waits is told for how long', () => {
  let devices = 1
  const line = fairOrder({ painters: () => devices })
  line.add(entry('first', { phase: 'running' }))
  line.add(entry('second', { pictures: 2 }))
  expect(line.stateOf('second')).toEqual({ state: 'waiting', place: 1 })
  line.end('first', 4000)
  line.start('second')
  line.add(entry('third'))
  line.add(entry('fourth'))
  // Two pictures of four seconds each are under way, and one is before the fourth.
  const waits = () => ['third', 'fourth'].map(id => line.states().get(id))
  expect(waits()).toMatchObject([{ wait: 8000 }, { wait: 12_000 }])
  line.progress('second', 0.5)
  expect(waits()).toMatchObject([{ wait: 4000 }, { wait: 8000 }])
  devices = 2
  line.changed()
  expect(waits()).toMatchObject([{ wait: 2000 }, { wait: 4000 }])
  devices = 0
  line.changed()
  expect(waits()).toEqual([1, 2].map(place => ({ state: 'waiting', place, unmanned: true })))
})

test('what waits elsewhere does not count', () => {
  const line = fairOrder({ painters: () => 1 })
  for (const id of ['a', 'b']) line.add(entry(id))
  line.add(entry('c', { lane: 'other' }))
  expect([...line.states()].map(([id, state]) => [id, state.state === 'waiting' && state.place])).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 1],
  ])
})

test('rounds: a person’s next job waits until everybody had a turn; who comes new joins the round that is served', () => {
  const line = fairOrder({ painters: () => 1 })
  const add = (id: string, person: string, first = false) => {
    line.add(entry(id, { person, priority: line.priorityFor(person, first) }))
  }
  for (const id of ['a1', 'a2', 'a3']) add(id, 'ada')
  line.start('a1')
  add('b1', 'bob')
  add('v1', 'vip', true)
  expect([...line.states().keys()]).toEqual(['a1', 'v1', 'b1', 'a2', 'a3'])
  for (const id of ['a1', 'v1', 'b1']) line.end(id)
  line.start('a2')
  // Bob again: the round of a2 is being served, and he has nothing in it.
  add('b2', 'bob')
  add('b3', 'bob')
  expect([...line.states().keys()]).toEqual(['a2', 'b2', 'a3', 'b3'])
  expect(line.waiting('bob', undefined)).toEqual({ all: 3, mine: 2, ours: 0 })
  for (const id of ['a2', 'b2', 'a3', 'b3']) line.end(id)
  expect(line.priorityFor('ada', false)).toBe(2)
})

test('a job that is back in line is in its old place', () => {
  const line = fairOrder({ painters: () => 1 })
  line.add(entry('a', { priority: 2 }))
  line.add(entry('b', { priority: 4 }))
  line.start('a')
  line.progress('a', 0.4)
  expect(line.stateOf('a')).toEqual({ state: 'running', done: 0.4 })
  line.wait('a')
  expect([...line.states().keys()]).toEqual(['a', 'b'])
})

test('waits that differ by less than a second look the same', () => {
  const waiting = (wait: number, place = 1) => ({ state: 'waiting', place, wait }) as const
  expect(looksSame(waiting(4000), waiting(4900))).toBe(true)
  expect(looksSame(waiting(4000), waiting(5100))).toBe(false)
  expect(looksSame(waiting(4000), waiting(4000, 2))).toBe(false)
  expect(looksSame({ state: 'running', done: 0.5 }, { state: 'running', done: 0.5 })).toBe(true)
  expect(looksSame({ state: 'running', done: 0.5 }, { state: 'running', done: 0.6 })).toBe(false)
})

test('lanes: by engine and class of size', () => {
  expect(laneOf({ engine: 'fill', megapixels: 0.4 })).toBe('paint-fill-4')
  expect(laneOf({ engine: 'fill', megapixels: 4 })).toBe('paint-fill-4')
  expect(laneOf({ engine: 'fill', megapixels: 4.1 })).toBe('paint-fill-16')
  expect(laneOf({ engine: 'fill:pde', megapixels: 900 })).toBe('paint-fill-64')
  expect(lanesOf({ engines: ['fill', 'fill:pde'], largest: 4 })).toEqual(['paint-fill-4'])
  expect(lanesOf({ engines: ['fill'], largest: 16 })).toEqual(['paint-fill-4', 'paint-fill-16'])
  expect(lanesOf({ engines: ['fill'], largest: 3 })).toEqual([])
})
