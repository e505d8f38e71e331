import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { embeddedBackend } from '../../src/queue/backends/embedded.js'
import { queueContract } from '../contracts/queue.js'

const folder = mkdtempSync(join(tmpdir(), 'overscan-queue-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

queueContract('the embedded queue', prefix => embeddedBackend(folder, { prefix, onError: console.error }))
