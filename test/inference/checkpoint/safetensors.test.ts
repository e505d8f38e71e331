import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSafetensors, readTensor } from '../../../src/inference/checkpoint/safetensors.js'
import { UserError } from '../../../src/user-error.js'
import { encodeSafetensors, prependHeader } from '../../support/checkpoints.js'
import { problemIn } from '../../support/problems.js'
import { shared, testWithShared } from '../../support/shared.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-safetensors-'))
})
afterAll(() => rm(folder, { recursive: true }))

const written = async (bytes: Uint8Array) => {
  const path = join(folder, 'model.safetensors')
  await writeFile(path, bytes)
  return path
}
const read = async (bytes: Uint8Array) => readSafetensors(await written(bytes))
const fileWith = (entries: Record<string, unknown>, data = 8) =>
  prependHeader(JSON.stringify(entries), new Uint8Array(data))
const tensor = { dtype: 'F32', shape: [2], data_offsets: [0, 8] }

testWithShared('weights', 'a real file: names, shapes and values', async () => {
  const { tensors } = await readSafetensors(shared('weights/taesd/taesd_decoder.safetensors'))
  const weights = [...tensors.values()]
  expect(weights.length).toBeGreaterThan(40)
  for (const one of weights.slice(0, 5)) {
    const numbers = await readTensor(one)
    expect(numbers.length).toBe(one.shape.reduce((product, side) => product * side, 1))
    expect(numbers.every(value => Number.isFinite(value) && Math.abs(value) < 100)).toBe(true)
  }
})

test.each(['F32', 'F16', 'BF16'] as const)('values of %s are read', async precision => {
  const values = Float32Array.of(0, 1, -2.5, 0.375, 1024, -0.0625)
  const { tensors, metadata } = await read(encodeSafetensors(new Map([['a', { shape: [2, 3], values }]]), precision))
  expect(tensors.get('a')).toMatchObject({ type: precision, shape: [2, 3] })
  expect(await readTensor(tensors.get('a')!)).toEqual(values)
  expect(metadata).toEqual({ format: 'pt' })
})

test.skipIf(process.platform === 'win32')('a pipe is refused: opening it would wait for ever', async () => {
  const pipe = join(folder, 'pipe.safetensors')
  execFileSync('mkfifo', [pipe])
  expect(await problemIn(readSafetensors(pipe))).toMatchObject({ code: 'checkpoint-corrupt' })
})

test('a symbolic link is resolved', async () => {
  const path = await written(fileWith({ a: tensor }))
  await symlink(path, join(folder, 'link.safetensors'))
  expect((await readSafetensors(join(folder, 'link.safetensors'))).tensors.get('a')!.file).toBe(path)
})

describe('an invalid file is refused with a reason:', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['no JSON', prependHeader('{"a": '), /not JSON/],
    ['no object', prependHeader('{}').fill(0x5b, 8, 9).fill(0x5d, 9, 10), /not an object/],
    ['a header larger than memory', Buffer.from('ffffffffffffff7f7b', 'hex'), /9223372036854775807 bytes/],
    ['a tensor without a shape', fileWith({ a: { ...tensor, shape: undefined } }), /a is not described/],
    ['negative dimensions', fileWith({ a: { ...tensor, shape: [-2, -1] } }), /a is not described/],
    ['fractional dimensions', fileWith({ a: { ...tensor, shape: [0.5, 4] } }), /a is not described/],
    ['a shape larger than its bytes', fileWith({ a: { ...tensor, shape: [2, 2 ** 40] } }), /not as long/],
    ['an end before its start', fileWith({ a: { ...tensor, data_offsets: [8, 0] } }), /not as long/],
    ['another type', fileWith({ a: { ...tensor, dtype: 'F3' } }), /type F3/],
    ['overlapping tensors', fileWith({ a: tensor, b: { ...tensor, data_offsets: [4, 12] } }, 12), /b overlaps/],
    ['a very long name', fileWith({ ['x'.repeat(9999)]: { ...tensor, dtype: 'F3' } }), /^x{100}… is of/],
  ])('%s', async (_, bytes, detail) => {
    const problem = await problemIn(read(bytes))
    expect(problem).toEqual({
      code: 'checkpoint-corrupt',
      file: 'model.safetensors',
      detail: expect.stringMatching(detail),
    })
    expect((problem as { detail: string }).detail.length).toBeLessThan(200)
  })

  test('pickles, because they can run code', async () => {
    for (const start of ['504b0304140000000000', '80027d7100285806']) {
      const problem = await problemIn(read(Buffer.from(start.padEnd(40, '0'), 'hex')))
      expect(problem).toEqual({ code: 'checkpoint-is-pickle', file: 'model.safetensors' })
    }
    // A header length of 640 has the same first two bytes as a pickle.
    const { tensors } = await read(prependHeader(JSON.stringify({ a: tensor }).padEnd(0x280), new Uint8Array(8)))
    expect(tensors.size).toBe(1)
  })

  test('a truncated file, with the size it should have', async () => {
    const whole = fileWith({ a: tensor })
    for (const length of [0, 7, 8, 20, whole.length - 1]) {
      const path = await written(whole)
      await truncate(path, length)
      const problem = await problemIn(readSafetensors(path))
      expect(problem).toMatchObject({ code: 'checkpoint-truncated', has: length })
      expect((problem as { needs: number }).needs).toBeGreaterThan(length)
    }
  })

  test('a missing file', async () => {
    expect(await problemIn(readSafetensors(join(folder, 'none')))).toMatchObject({ code: 'no-such-file' })
  })

  test('any other header and data', async () => {
    const entry = fc.record({
      dtype: fc.constantFrom('F32', 'F16', 'I64', 'x'),
      shape: fc.array(fc.oneof(fc.nat(9), fc.integer(), fc.double())),
      data_offsets: fc.array(fc.oneof(fc.nat(40), fc.maxSafeInteger())),
    })
    const header = fc.oneof(
      fc.json(),
      fc.dictionary(fc.string(), entry).map(one => JSON.stringify(one)),
    )
    await fc.assert(
      fc.asyncProperty(header, fc.uint8Array({ maxLength: 64 }), async (text, data) => {
        const result = await read(prependHeader(text, data)).catch((error: unknown) => error)
        if (result instanceof Error) expect(result).toBeInstanceOf(UserError)
        else
          for (const one of (result as { tensors: Map<string, { offset: number }> }).tensors.values())
            expect(one.offset).toBeGreaterThan(8)
      }),
      { numRuns: 200 },
    )
  })
})

test.each([
  // Values of torch.
  ['F8_E4M3', [0x00, 0x01, 0x08, 0x38, 0x7e, 0xb8, 0x7f], [0, 2 ** -9, 2 ** -6, 1, 448, -1, Number.NaN]],
  ['F8_E5M2', [0x01, 0x04, 0x3c, 0x7b, 0xbc, 0x7c, 0x7d], [2 ** -16, 2 ** -14, 1, 57344, -1, Infinity, Number.NaN]],
])('values of type %s', async (dtype, bytes, values) => {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-eighths-'))
  const header = { a: { dtype, shape: [bytes.length], data_offsets: [0, bytes.length] } }
  await writeFile(join(folder, 'a.safetensors'), prependHeader(JSON.stringify(header), Uint8Array.from(bytes)))
  const { tensors } = await readSafetensors(join(folder, 'a.safetensors'))
  expect([...(await readTensor(tensors.get('a')!))]).toEqual(values)
  await rm(folder, { recursive: true })
})
