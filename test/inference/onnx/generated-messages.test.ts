import { readFile } from 'node:fs/promises'
import type { DescEnum, DescMessage } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { file_onnx } from '../../../src/inference/onnx/generated/onnx_pb.js'

/** The names and numbers of all fields and values of enums. */
function generatedNumbers({ messages, enums }: { messages: readonly DescMessage[]; enums: readonly DescEnum[] }) {
  const lines: string[] = enums.flatMap(({ values }) => values.map(({ name, number }) => `${name} = ${number}`))
  for (const { fields, nestedMessages, nestedEnums } of messages) {
    lines.push(...fields.map(({ name, number }) => `${name} = ${number}`))
    lines.push(...generatedNumbers({ messages: nestedMessages, enums: nestedEnums }))
  }
  return lines
}

test('the messages of ONNX are those of its schema; run "npm run onnx-messages" after a change', async () => {
  const schema = await readFile('tools/onnx/onnx.proto', 'utf8')
  const declarations = schema.replaceAll(/\/\/.*/g, '').matchAll(/\b(\w+) = (0x[\dA-F]+|\d+)\b/g)
  const numbers = Array.from(declarations, ([, name, number]) => `${name} = ${Number(number)}`)
  expect(numbers.length).toBeGreaterThan(150)
  expect(generatedNumbers(file_onnx).sort()).toEqual(numbers.sort())
})
