import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reportParity } from '../../tools/parity-report.js'

const run = promisify(execFile)
const FIXTURES = 'test/fixtures/diffusion'

/** What `npm run parity -- folder` prints, and its exit code. */
async function parity(folder: string) {
  const lines: string[] = []
  const isSame = await reportParity(folder, line => lines.push(line))
  return { code: isSame ? 0 : 1, stdout: lines.map(line => `${line}\n`).join('') }
}

test('every case of diffusers gives the same latents and pixels', async () => {
  const { code, stdout } = await parity(`${FIXTURES}/cases`)
  expect(stdout.split('\n').filter(line => line.startsWith('DIFFERENT'))).toEqual([])
  expect(stdout).toMatch(/^159 the same, 0 different, 0 failed; /m)
  expect(code).toBe(0)
}, 120_000)

test('a random model, written by tools/reference/random_cases.py, gives the same latents: EDM, sides that are multiples of 8 only, several pictures', async () => {
  const { code, stdout } = await parity(`${FIXTURES}/random/cases`)
  expect(stdout).toMatch(/^2 the same, 0 different, 0 failed; /m)
  expect(code).toBe(0)
})

test('every bound that is not the default has a reason', async () => {
  for (const folder of [`${FIXTURES}/cases`, `${FIXTURES}/checkpoints/cases`]) {
    for (const name of await readdir(folder)) {
      const one = JSON.parse(await readFile(join(folder, name, 'case.json'), 'utf8'))
      expect(typeof one.boundReason, name).toBe(one.bound === undefined ? 'undefined' : 'string')
    }
  }
})

describe('a difference is found:', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-parity-'))
    await cp(`${FIXTURES}/models/sd1`, join(folder, 'models', 'sd1'), { recursive: true })
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('another prompt, sampler, guidance or strength', async () => {
    const cases = join(folder, 'different')
    const changes = { a: { prompt: 'a cat' }, b: { scheduler: 'Euler' }, c: { guidance: 7 }, d: { strength: 0.5 } }
    for (const [name, change] of Object.entries(changes)) {
      await cp(`${FIXTURES}/cases/inpaint-sd1-dpmpp-2m-0.75`, join(cases, name), { recursive: true })
      const at = join(cases, name, 'case.json')
      const one = JSON.parse(await readFile(at, 'utf8'))
      await writeFile(at, JSON.stringify({ ...one, ...change, model: join(folder, 'models', 'sd1') }))
    }
    const { code, stdout } = await parity(cases)
    for (const name of Object.keys(changes)) expect(stdout).toMatch(new RegExp(`^DIFFERENT ${name}, latents`, 'm'))
    expect(code).toBe(1)
  })

  test('a case that fails is counted, and the next one is compared', async () => {
    const cases = join(folder, 'failing')
    await cp(`${FIXTURES}/cases/txt2img-sd1`, join(cases, 'b'), { recursive: true })
    const at = join(cases, 'b', 'case.json')
    const one = { ...JSON.parse(await readFile(at, 'utf8')), model: join(folder, 'models', 'sd1') }
    await writeFile(at, JSON.stringify(one))
    await cp(join(cases, 'b'), join(cases, 'a'), { recursive: true })
    await writeFile(join(cases, 'a', 'noise.f32'), Buffer.alloc(4))
    await cp(join(cases, 'b'), join(cases, 'c'), { recursive: true })
    await writeFile(join(cases, 'c', 'case.json'), JSON.stringify({ ...one, scheduler: 'Ralston' }))
    const { code, stdout } = await parity(cases)
    expect(stdout).toMatch(/^FAILED {4}a: noise\.f32 has too little noise/m)
    expect(stdout).toMatch(/^same {6}b, latents/m)
    expect(stdout).toMatch(/^FAILED {4}c: case\.json: .*scheduler/m)
    expect(stdout).toMatch(/^2 the same, 0 different, 2 failed; /m)
    expect(code).toBe(1)
  })

  test('nothing to compare is a failure, also of the command', async () => {
    const cases = join(folder, 'models')
    const { code, stdout } = await parity(cases)
    expect(code).toBe(1)
    const command = run('npm', ['run', '--silent', 'parity', '--', cases])
    await expect(command).rejects.toMatchObject({ code: 1, stdout })
  })
})
