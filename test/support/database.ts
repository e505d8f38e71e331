import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { pglitePool } from '../../src/queue/backends/pglite-pool.js'

/** An empty database, made once for all test files, which copy it: making one takes seconds. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-database-'))
  const path = join(folder, 'queue')
  const pool = await pglitePool(path)
  await pool.end()
  project.provide('database', path)
  return () => rm(folder, { recursive: true, force: true })
}

declare module 'vitest' {
  interface ProvidedContext {
    database: string
  }
}
