import { batched } from './batch.js'
import type { SharedStore, TextChange } from './shared-store.js'
import type { SqlPool } from './sql-pool.js'
import { NOTIFY_CHANNEL } from './sql-subscriptions.js'

/** Texts in the table `overscan.note`. @param prefix comes before each name */
export function sqlStore(pool: SqlPool, subscribe: SharedStore['subscribe'], prefix: string): SharedStore {
  const key = (kind: string, name: string) => `${prefix}:${kind}:${name}`
  const setExpiring = `insert into overscan.note (map, field, text, expires)
    values ($1, '', $2, now() + make_interval(secs => $3))
    on conflict (map, field) do update set text = excluded.text, expires = excluded.expires`
  const put = batched<{ map: string; field: string; text: string }>(async entries => {
    // One statement may not write a row twice: of several entries for the same field the last one counts.
    const last = [...new Map(entries.map(entry => [`${entry.map}\n${entry.field}`, entry])).values()]
    await pool.query(
      `insert into overscan.note (map, field, text) select * from unnest($1::text[], $2::text[], $3::text[])
       on conflict (map, field) do update set text = excluded.text, expires = null`,
      [last.map(({ map }) => map), last.map(({ field }) => field), last.map(({ text }) => text)],
    )
  })
  const remove = batched<{ map: string; field: string }>(async entries => {
    await pool.query(
      `delete from overscan.note using unnest($1::text[], $2::text[]) as gone(map, field)
       where note.map = gone.map and note.field = gone.field`,
      [entries.map(({ map }) => map), entries.map(({ field }) => field)],
    )
  })
  return {
    putEntry: (map, field, text) => put({ map: key('notes', map), field, text }),
    async replaceEntry(map, field, before, after) {
      const query = 'update overscan.note set text = $4 where map = $1 and field = $2 and text = $3 returning 1'
      const { rows } = await pool.query(query, [key('notes', map), field, before, after])
      return rows.length > 0
    },
    async getEntry(map, field) {
      const query = 'select text from overscan.note where map = $1 and field = $2'
      const { rows } = await pool.query(query, [key('notes', map), field])
      return rows[0]?.text as string | undefined
    },
    async getEntries(map) {
      const { rows } = await pool.query('select field, text from overscan.note where map = $1', [key('notes', map)])
      return new Map(rows.map(({ field, text }) => [String(field), String(text)]))
    },
    deleteEntry: (map, field) => remove({ map: key('notes', map), field }),
    async claim(name, seconds) {
      // A row comes back only where it was inserted, or where the last claim had expired.
      const { rows } = await pool.query(`${setExpiring} where note.expires < now() returning 1`, [
        key('claim', name),
        '',
        seconds,
      ])
      return rows.length > 0
    },
    async set(name, seconds, text) {
      await pool.query(setExpiring, [key('sign', name), text, seconds])
    },
    async get(name) {
      const query = 'select text from overscan.note where map = $1 and expires > now()'
      const { rows } = await pool.query(query, [key('sign', name)])
      return rows[0]?.text as string | undefined
    },
    compareAndSet: changes =>
      compareAndSet(
        pool,
        changes.map(change => ({ ...change, name: key('sign', change.name) })),
      ),
    async publish(channel, text) {
      await pool.query('select pg_notify($1, $2)', [
        NOTIFY_CHANNEL,
        JSON.stringify({ name: `${prefix}:${channel}`, text }),
      ])
    },
    subscribe,
  }
}

/** @param changes with unique names, which are values of `map` */
async function compareAndSet(pool: SqlPool, changes: readonly TextChange[]): Promise<boolean> {
  // Always in the same order: two processes never wait for each other.
  const sorted = [...changes].sort((one, other) => (one.name < other.name ? -1 : 1))
  const names = sorted.map(({ name }) => name)
  const session = await pool.connect()
  let isBroken = true
  try {
    await session.query('begin')
    // A lock on the names: rows that do not exist yet can't be locked.
    await session.query('select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest($1::text[]) as name', [
      names,
    ])
    const { rows } = await session.query(
      'select map, text from overscan.note where map = any($1) and expires > clock_timestamp()',
      [names],
    )
    const texts = new Map(rows.map(({ map, text }) => [map, text]))
    const isUnchanged = sorted.every(({ name, before }) => texts.get(name) === before)
    if (isUnchanged) {
      const kept = sorted.filter(({ after }) => after !== undefined)
      await session.query('delete from overscan.note where map = any($1)', [names])
      await session.query(
        `insert into overscan.note (map, field, text, expires)
         select name, '', text, now() + make_interval(secs => seconds)
         from unnest($1::text[], $2::text[], $3::float8[]) as kept(name, text, seconds)`,
        [kept.map(({ name }) => name), kept.map(({ after }) => after), kept.map(({ seconds }) => seconds)],
      )
    }
    await session.query('commit')
    isBroken = false
    return isUnchanged
  } finally {
    // A session whose transaction has not ended is not used again.
    session.release(isBroken)
  }
}
