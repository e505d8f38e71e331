import { fork } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { workerPath } from '../../../src/inference/runtime/worker-path.js'

test.each([
  ['src/inference/runtime/painter.ts', 'the sources'],
  ['dist/inference/runtime/painter.js', 'what was built'],
])('%s finds the process next to it, which starts from %s', async path => {
  const { filename, execArgv } = workerPath(new URL(`../../../${path}`, import.meta.url).href, 'painter-process')
  const child = fork(filename, { execArgv })
  // It ends when its parent disconnects, once it runs.
  child.disconnect()
  expect(await once(child, 'exit')).toEqual([0, null])
})
