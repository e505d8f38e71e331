import { expect, onTestFinished, test, vi } from 'vitest'
import { createLogger } from '../../src/cli/log.js'
import { createQueueErrorLog } from '../../src/cli/queue-errors.js'

const refused = () => Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' })

test('however many connections report a loss, it is one line, and the return is another one', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const lines: string[] = []
  const { onError, watch, close } = createQueueErrorLog(createLogger('info', line => lines.push(JSON.parse(line).msg)))
  let isUp = false
  const ping = async () => {
    if (!isUp) throw refused()
  }
  const report = async () => {
    for (let connection = 0; connection < 20; connection++) onError(refused())
    await vi.advanceTimersByTimeAsync(2000)
  }
  onError(refused())
  expect(lines.splice(0)).toEqual(['queue error']) // the start fails, and says so
  watch({ ping })
  const [loss, back] = ['queue unreachable, trying again until it is back', 'queue reachable again']
  await report()
  onError(new Error('a bug'))
  expect(lines.splice(0)).toEqual([loss, 'queue error'])
  isUp = true
  await vi.advanceTimersByTimeAsync(2000)
  await report() // late ones
  expect(lines.splice(0)).toEqual([back])
  isUp = false
  await report()
  expect(lines.splice(0)).toEqual([loss])
  close()
  await vi.advanceTimersByTimeAsync(2000)
  await report()
  expect(lines).toEqual([])
})
