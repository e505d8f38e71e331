import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { pglitePool } from '../../src/queue/backends/pglite-pool.js'
import type { SoakProcess } from './soak-process.js'

/** What is left in a store after all jobs have ended, by kind. What BullMQ keeps for the operator's board is not counted. */
export type Leftovers = Readonly<Record<string, number>>

/** Claims of events expire by themselves. All else has to be gone. */
const EXPIRES = /:(claim|sign):/

/** Interactions whose bot ended before it had accepted a job. They are answered, and deleted, after five minutes. */
const UNANSWERED = 'unanswered'

type Query = (text: string) => Promise<{ rows: Record<string, unknown>[] }>

export async function countLeftovers(store: SoakProcess['store'], where: string): Promise<Leftovers> {
  if (store === 'redis') return leftInRedis(where)
  if (store === 'postgres') {
    const client = new pg.Client({ connectionString: where })
    await client.connect()
    const left = await leftInSql(text => client.query(text))
    await client.end()
    return left
  }
  const pool = await pglitePool(join(where, 'queue'))
  const left = await leftInSql(text => pool.query(text))
  await pool.end()
  const pictures = join(where, 'pictures')
  return { ...left, pictures: existsSync(pictures) ? (await readdir(pictures)).length : 0 }
}

async function leftInRedis(url: string): Promise<Leftovers> {
  const client = new Redis(url)
  const keys = (await client.keys('overscan:*')).filter(key => !/^overscan:paint-/.test(key) && !EXPIRES.test(key))
  const left: Record<string, number> = { blobs: keys.filter(key => key.startsWith('overscan:blob:')).length }
  for (const key of keys) {
    if (key === `overscan:notes:${UNANSWERED}`) continue
    if (key.startsWith('overscan:notes:')) left[key.slice('overscan:notes:'.length)] = await client.hlen(key)
    else if (!key.startsWith('overscan:blob:') && (await client.ttl(key)) < 0) left[key] = 1
  }
  client.disconnect()
  return left
}

async function leftInSql(query: Query): Promise<Leftovers> {
  const blobs = await query('select count(*)::int as count from overscan.blob')
  const notes = await query('select map, count(*)::int as count from overscan.note where expires is null group by map')
  const left: Record<string, number> = { blobs: Number(blobs.rows[0]?.count) }
  for (const { map, count } of notes.rows) {
    const name = String(map).replace('overscan:notes:', '')
    if (name !== UNANSWERED) left[name] = Number(count)
  }
  return left
}
