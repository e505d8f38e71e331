import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { pglitePool } from '../../src/queue/backends/pglite-pool.js'

/** An empty database, which test files copy. To make one takes seconds, so it is kept for later runs, one for each version of PGlite. */
export async function setup(project: TestProject): Promise<void> {
  const { version } = JSON.parse(await readFile('node_modules/@electric-sql/pglite/package.json', 'utf8'))
  const folder = resolve(`node_modules/.cache/overscan/empty-database-${version}`)
  if (!existsSync(folder)) await createDatabase(folder)
  project.provide('database', folder)
}

async function createDatabase(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const work = await mkdtemp(`${folder}-`)
  const made = join(work, 'database')
  const pool = await pglitePool(made)
  await pool.end()
  // Another run may have made one meanwhile.
  await rename(made, folder).catch(error => {
    if (!existsSync(folder)) throw error
  })
  await rm(work, { recursive: true })
}

declare module 'vitest' {
  interface ProvidedContext {
    database: string
  }
}
