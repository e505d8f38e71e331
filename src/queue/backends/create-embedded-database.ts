import { PGlite } from '@electric-sql/pglite'

// Runs as a separate process (see embedded.ts): the memory that PostgreSQL's installer takes is freed when it exits.

const db = await PGlite.create(process.argv[2]!)
await db.close()
