import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { COMPILED, compileKernel, moduleOf } from '../../../../../tools/kernel.js'

test('the compiled kernel is what its sources compile to', async () => {
  // If this fails, run `npm run kernel`.
  expect(moduleOf(await compileKernel())).toBe(await readFile(COMPILED, 'utf8'))
})
