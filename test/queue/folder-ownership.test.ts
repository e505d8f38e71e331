import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { isFolderInUse } from '../../src/queue/backends/folder-ownership.js'
import { pglitePool } from '../../src/queue/backends/pglite-pool.js'
import { workerPath } from '../support/worker-path.js'

const HOLDER = fileURLToPath(new URL('../support/folder-holder.ts', import.meta.url))
let folder: string
let children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'overscan-owned-'))
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  await rm(folder, { recursive: true, force: true })
})

/** A process that says “open” when it has opened the folder, else why it can't. */
function startHolder(): ChildProcess {
  const child = fork(HOLDER, [folder], { execArgv: ['--import', 'tsx'] })
  children.push(child)
  return child
}

async function startedHolder(): Promise<ChildProcess> {
  const child = startHolder()
  expect(await messageOf(child)).toBe('open')
  return child
}

/** The next message of a process, without the handle that may come with it. */
async function messageOf(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, 'message')
  return message
}

/** As if nothing had renewed the lock for a minute. */
function ageLock(): void {
  const minuteAgo = Date.now() / 1000 - 60
  utimesSync(`${folder}.lock`, minuteAgo, minuteAgo)
}

describe.skipIf(process.platform !== 'linux')('a process that stands still', () => {
  test('keeps its folder from another one, until it is killed', async () => {
    cpSync(inject('database'), join(folder, 'queue'), { recursive: true })
    const first = await startedHolder()
    first.kill('SIGSTOP')
    ageLock()
    expect(await isFolderInUse(folder)).toBe(true)
    const second = startHolder()
    // It has tried once or more by then.
    await sleep(3000)
    expect(second.connected).toBe(true)
    first.kill('SIGKILL')
    expect(await messageOf(second)).toBe('open')
    const answer = messageOf(second)
    second.send('from the owner')
    expect(await answer).toBe('from the owner')
  })

  test('while a process on another machine took its folder writes nothing more, says so and ends', async () => {
    cpSync(inject('database'), join(folder, 'queue'), { recursive: true })
    const first = await startedHolder()
    first.kill('SIGSTOP')
    writeFileSync(join(folder, 'owner'), JSON.stringify({ id: 'other', pid: first.pid, birth: 'elsewhere/1' }))
    // Longer than a process may stand still.
    await sleep(5500)
    const said = messageOf(first)
    const ended = once(first, 'exit')
    first.kill('SIGCONT')
    expect(await said).toMatchObject({
      problem: { code: 'folder-in-use', path: folder },
      refusal: expect.stringMatching(/closed/),
    })
    expect(await ended).toEqual([0, null])
  })
})

test.each(['an owner of an older version', '{"pid":1}', ''])(
  'a folder with the owner file %j of a process that has ended is free',
  async text => {
    writeFileSync(join(folder, 'owner'), text)
    expect(await isFolderInUse(folder)).toBe(false)
  },
)

test('a process that was killed while it made the database leaves nothing that looks like one', async () => {
  const left = join(folder, 'queue.new-abc123')
  await mkdir(left)
  const { filename, execArgv } = workerPath(
    new URL('../../src/queue/backends/x.ts', import.meta.url).href,
    'create-embedded-database',
  )
  const child = fork(filename, [join(left, 'queue')], { execArgv })
  while ((await readdir(left)).length === 0) await sleep(20)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const pool = await pglitePool(join(folder, 'queue'))
  await pool.end()
  expect(await readdir(folder)).toEqual(['queue'])
})
