import { expect } from 'vitest'

// `toEqual` compares pictures value by value, which takes seconds for large ones. Bytes are equal where their memory is.

const ADDED = Symbol.for('overscan: bytes are compared at once')

// A process runs many files.
if (!(ADDED in globalThis)) {
  Object.assign(globalThis, { [ADDED]: true })
  expect.addEqualityTesters([
    (one: unknown, other: unknown) => {
      if (!(one instanceof Uint8Array && other instanceof Uint8Array)) return undefined
      return one.constructor === other.constructor ? Buffer.compare(one, other) === 0 : undefined
    },
  ])
}
