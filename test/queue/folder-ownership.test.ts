import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, inject, test } from 'vitest'

const HOLDER = fileURLToPath(new URL('../support/folder-holder.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'overscan-owned-'))
const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

async function startHolder(): Promise<ChildProcess> {
  const child = fork(HOLDER, [folder], { execArgv: ['--import', 'tsx'] })
  children.push(child)
  expect(await messageOf(child)).toBe('open')
  return child
}

/** The next message of a process, without the handle that may come with it. */
async function messageOf(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, 'message')
  return message
}

test.skipIf(process.platform === 'win32')(
  'a process that stood still while another one took its folder writes nothing more, says so and ends',
  async () => {
    cpSync(inject('database'), join(folder, 'queue'), { recursive: true })
    const first = await startHolder()
    first.kill('SIGSTOP') // as when a laptop sleeps
    const second = await startHolder()
    const said = messageOf(first)
    const ended = once(first, 'exit')
    first.kill('SIGCONT')
    expect(await said).toMatchObject({
      problem: { code: 'folder-in-use', path: folder },
      refusal: expect.stringMatching(/closed/),
    })
    expect(await ended).toEqual([0, null])
    // The other process goes on.
    const answer = messageOf(second)
    second.send('from the owner')
    expect(await answer).toBe('from the owner')
  },
)
