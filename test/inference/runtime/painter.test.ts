import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { childEnvironment } from '../../../src/child-environment.js'
import { encodePng } from '../../../src/inference/image/png.js'
import type { PaintRequest } from '../../../src/inference/pipeline/paint-request.js'
import {
  type Painter,
  type PainterOptions,
  type PaintProgress,
  painter,
} from '../../../src/inference/runtime/painter.js'
import { landscape } from '../../contracts/engine.js'

const open: Painter[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(one => one.close()))
})
const MODELS = 'test/fixtures/diffusion/models'
function opened(options: Partial<PainterOptions> = {}): Painter {
  const one = painter({ modelFolder: MODELS, ...options })
  open.push(one)
  return one
}

async function request(width: number, height: number, more: Partial<PaintRequest> = {}): Promise<PaintRequest> {
  const source = await encodePng(landscape(width, height))
  return { edit: { kind: 'zoom', factor: 1.5, grow: false }, source, prompt: '', seeds: [1], engine: 'fill', ...more }
}

const quiet = () => ({ signal: new AbortController().signal, onProgress: () => {} })

/** The painting processes of the tests that ran before in this process. */
const others = new Set(paintingProcesses())

/** The ids of the painting processes of this file. */
const children = () => paintingProcesses().filter(pid => !others.has(pid))

function paintingProcesses(): number[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  return list.split('\n').flatMap(line => {
    const [, pid, parent] = /^\s*(\d+)\s+(\d+) .*painter-process/.exec(line) ?? []
    return Number(parent) === process.pid ? [Number(pid)] : []
  })
}

test('pictures, progress and previews come back from the painting process', async () => {
  const seen: PaintProgress[] = []
  const onProgress = (progress: PaintProgress) => seen.push(progress)
  const result = await opened().paint(await request(120, 80, { seeds: [1, 2] }), { ...quiet(), onProgress })
  expect(result.pictures.map(({ seed, width, height }) => [seed, width, height])).toEqual([
    [1, 120, 80],
    [2, 120, 80],
  ])
  expect(seen.at(-1)?.done).toBe(1)
  expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).sort((a, b) => a - b))
  const [jpeg] = seen.flatMap(({ preview }) => preview ?? [])
  expect([...jpeg!.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff])
})

test.runIf(process.platform === 'linux')('the painting process has no secrets in its environment', async () => {
  vi.stubEnv('DISCORD_TOKEN', 'a secret')
  vi.stubEnv('DATABASE_URL', 'postgres://ada:secret@host/db')
  vi.stubEnv('SOMETHING_ELSE', 'unknown')
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '0')
  try {
    await opened().paint(await request(16, 16), quiet())
    const names = children().flatMap(pid =>
      readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .map(line => line.split('=')[0]),
    )
    expect(names).toEqual(expect.arrayContaining(['PATH', 'CUDA_VISIBLE_DEVICES']))
    for (const name of ['DISCORD_TOKEN', 'DATABASE_URL', 'SOMETHING_ELSE']) expect(names).not.toContain(name)
  } finally {
    vi.unstubAllEnvs()
  }
})

test('a child process gets what drivers and the system need, whatever the case on Windows', () => {
  const needed = {
    Path: 'C:\\',
    SystemRoot: 'C:\\Windows',
    LD_LIBRARY_PATH: '/cuda',
    VK_ICD_FILENAMES: 'x',
    XDG_CACHE_HOME: '/c',
  }
  const secrets = { DISCORD_TOKEN: 'x', REDIS_URL: 'x', HF_TOKEN: 'x', AWS_SECRET_ACCESS_KEY: 'x', PGPASSWORD: 'x' }
  expect(childEnvironment({ ...needed, ...secrets })).toEqual(needed)
})

test('a user error comes back as one, a bug with its message', async () => {
  const one = opened()
  const source = Buffer.from('no picture')
  await expect(one.paint(await request(8, 8, { source }), quiet())).rejects.toMatchObject({
    problem: { code: 'not-a-picture' },
  })
  const broken = { ...(await request(8, 8)), seeds: undefined as unknown as number[] }
  await expect(one.paint(broken, quiet())).rejects.toThrow(/undefined/)
})

test('each painter uses the device that it was given', async () => {
  const wanted = await request(64, 64, { engine: 'sd1', options: { steps: 2 } })
  const [right, wrong] = [opened({ device: 'cpu' }), opened({ device: 'cuda:7' })]
  expect((await right.paint(wanted, quiet())).pictures).toHaveLength(1)
  // No machine has that many cards, most have none.
  await expect(wrong.paint(wanted, quiet())).rejects.toMatchObject({
    problem: { code: 'model-unreadable', detail: expect.stringMatching(/^cuda:7/) },
  })
})

test('an idle process ends, and the next request starts another', async () => {
  const one = opened({ idleMs: 0 })
  await one.paint(await request(16, 16), quiet())
  await vi.waitFor(() => expect(children()).toEqual([]), { timeout: 20_000 })
  expect((await one.paint(await request(16, 16), quiet())).pictures).toHaveLength(1)
})

test.each([
  ['a crash', 'SIGSEGV', 'engine-crashed'],
  ['a kill from outside, as by the system when memory runs out,', 'SIGKILL', 'engine-killed'],
] as const)('%s fails that request only', async (_, signal, code) => {
  const one = opened()
  await one.paint(await request(16, 16), quiet())
  const [child] = children()
  const killed = one.paint(await request(300, 200, { seeds: [1, 2, 3, 4] }), {
    ...quiet(),
    onProgress: () => process.kill(child!, signal),
  })
  await expect(killed).rejects.toMatchObject({ problem: { code } })
  expect((await one.paint(await request(16, 16), quiet())).pictures).toHaveLength(1)
})

test('a cancelled request stops, with the reason, and the process goes on', async () => {
  const one = opened()
  const stop = new AbortController()
  const reason = new Error('enough')
  const stopped = one.paint(await request(300, 200, { seeds: [1, 2, 3, 4] }), {
    signal: stop.signal,
    onProgress: () => stop.abort(reason),
  })
  await expect(stopped).rejects.toBe(reason)
  const before = children()
  expect((await one.paint(await request(16, 16), quiet())).pictures).toHaveLength(1)
  expect(children()).toEqual(before)
})

test('closing leaves no process behind', async () => {
  const one = opened()
  await one.paint(await request(16, 16), quiet())
  expect(children()).toHaveLength(1)
  await one.close()
  expect(children()).toEqual([])
})
