import { PGlite } from '@electric-sql/pglite'

// A process that makes a database and ends: see embedded.ts. What PostgreSQL's own installer takes for that is gone with it.

const db = await PGlite.create(process.argv[2]!)
await db.close()
