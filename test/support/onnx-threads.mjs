import { createRequire } from 'node:module'

// onnxruntime's threads spin while they wait for the next operation, and for a while after the last one. That takes processor time from
// the tests that run meanwhile: of tiny models more than the operations themselves.

const PATCHED = Symbol.for('overscan: threads of onnxruntime sleep while they wait')
const { InferenceSession } = createRequire(import.meta.url)('onnxruntime-node')

// A process runs many test files.
if (!(PATCHED in InferenceSession)) {
  const { create } = InferenceSession
  InferenceSession[PATCHED] = true
  InferenceSession.create = (model, { extra, ...options } = {}) => {
    const session = { ...extra?.session, intra_op: { allow_spinning: '0' } }
    return create.call(InferenceSession, model, { ...options, extra: { ...extra, session } })
  }
}
