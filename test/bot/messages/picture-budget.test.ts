import { expect, test } from 'vitest'
import { FILE_LIMIT_BYTES } from '../../../src/bot/messages/attachments.js'
import { createPictureBudget } from '../../../src/bot/messages/picture-budget.js'

const link = (url: string, size: number) => ({ url, size })

/** A host whose answers are given by hand. */
function slowHost() {
  const asked = new Map<string, { answer: (bytes: number) => void; fail: (error: Error) => void }>()
  return {
    asked: () => [...asked.keys()],
    answer: (url: string, bytes: number) => asked.get(url)!.answer(bytes),
    fail: (url: string) => asked.get(url)!.fail(new Error('gone')),
    fetch: ({ url }: { url: string }) =>
      new Promise<Uint8Array>((resolve, reject) => {
        asked.set(url, { answer: bytes => resolve(new Uint8Array(bytes)), fail: reject })
      }),
  }
}

/** All promises that can go on have gone on. */
const settled = () => new Promise(resolve => setImmediate(resolve))

test('a request waits until others have given back what they held', async () => {
  const host = slowHost()
  const budget = createPictureBudget(host.fetch, 10)
  const [first, second, third] = [budget.forRequest(), budget.forRequest(), budget.forRequest()]
  const fetched = first.fetchAttachment(link('a', 6))
  void second.fetchAttachment(link('b', 6))
  void third.fetchAttachment(link('c', 4))
  await settled()
  // In turn: the small one does not overtake.
  expect(host.asked()).toEqual(['a'])
  host.answer('a', 6)
  expect((await fetched).length).toBe(6)
  await settled()
  expect(host.asked()).toEqual(['a'])
  first.release()
  await settled()
  expect(host.asked()).toEqual(['a', 'b', 'c'])
})

test('a request that holds a file gets its others at once', async () => {
  const host = slowHost()
  const budget = createPictureBudget(host.fetch, 10)
  const [first, second] = [budget.forRequest(), budget.forRequest()]
  void first.fetchAttachment(link('source', 5))
  void second.fetchAttachment(link('other', 5))
  void first.fetchAttachment(link('mask', 5))
  void second.fetchAttachment(link('other mask', 5))
  await settled()
  expect(host.asked().sort()).toEqual(['mask', 'other', 'other mask', 'source'])
})

test('a file larger than the budget is fetched alone, and one over the limit does not wait for its refusal', async () => {
  const host = slowHost()
  const budget = createPictureBudget(host.fetch, 10)
  const [first, large, refused] = [budget.forRequest(), budget.forRequest(), budget.forRequest()]
  void first.fetchAttachment(link('a', 1))
  void large.fetchAttachment(link('large', 20))
  void refused.fetchAttachment(link('refused', FILE_LIMIT_BYTES + 1))
  await settled()
  expect(host.asked().sort()).toEqual(['a', 'refused'])
  first.release()
  await settled()
  expect(host.asked()).toContain('large')
})

test('what a file has, not what it says, is counted; what failed counts until the request ends', async () => {
  const host = slowHost()
  const budget = createPictureBudget(host.fetch, 10)
  const [first, second, third] = [budget.forRequest(), budget.forRequest(), budget.forRequest()]
  const unknown = first.fetchAttachment(link('unknown', 0))
  await settled()
  host.answer('unknown', 8)
  await unknown
  const failed = second.fetchAttachment(link('b', 6))
  void third.fetchAttachment(link('c', 6))
  await settled()
  expect(host.asked()).toEqual(['unknown'])
  first.release()
  await settled()
  host.fail('b')
  await expect(failed).rejects.toThrow('gone')
  expect(host.asked()).toEqual(['unknown', 'b'])
  second.release()
  await settled()
  expect(host.asked()).toEqual(['unknown', 'b', 'c'])
})

test('a request that has ended holds nothing', async () => {
  const host = slowHost()
  const budget = createPictureBudget(host.fetch, 10)
  const [first, ended, next] = [budget.forRequest(), budget.forRequest(), budget.forRequest()]
  void first.fetchAttachment(link('a', 10))
  void ended.fetchAttachment(link('b', 10))
  ended.release()
  void next.fetchAttachment(link('c', 10))
  first.release()
  await settled()
  expect(host.asked()).toEqual(['a', 'b', 'c'])
})
