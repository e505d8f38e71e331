import { z } from 'zod'
import { parseJson } from '../parse-json.js'
import type { SharedStore } from './backends/shared-store.js'

/** The map of open jobs, by job id. */
const OPEN_JOBS = 'open'

const openJobSchema = z.object({
  /** Another version of Overscan may read it. One that changes the meaning of a field writes another number. */
  version: z.literal(1).default(1),
  /** The process that follows it. */
  by: z.string(),
  /** Counts the changes, so that no two texts are the same: see `replace`. */
  revision: z.int().default(0),
  lane: z.string(),
  /** Whether there are such pictures. */
  source: z.boolean(),
  mask: z.boolean(),
  earlier: z.boolean().default(false),
  ticket: z.unknown(),
})

/** As much of it as can be read. Pictures that may be there are looked for. */
const damagedJobSchema = z.object({
  by: z.string().catch(''),
  lane: z.string().catch(''),
  source: z.boolean().catch(true),
  mask: z.boolean().catch(true),
  earlier: z.boolean().catch(true),
  ticket: z.unknown().optional(),
})

/** A job that is not acknowledged yet, as it is stored for the process that may take it over. */
export type OpenJob = z.infer<typeof openJobSchema>

/** An entry of the map: its text, and the job as far as it can be read. */
export type OpenJobEntry = { readonly text: string; readonly job: OpenJob; readonly isReadable: boolean }

export type OpenJobs = ReturnType<typeof openJobs>

/** The open jobs of all processes. */
export function openJobs(store: SharedStore) {
  return {
    /** Each entry is parsed alone: one that can't be read does not affect others. */
    async all(): Promise<Map<string, OpenJobEntry>> {
      const entries = await store.getEntries(OPEN_JOBS)
      return new Map([...entries].map(([id, text]) => [id, parseOpenJob(text)]))
    },
    ids: async () => new Set((await store.getEntries(OPEN_JOBS)).keys()),
    async get(id: string): Promise<OpenJobEntry | undefined> {
      const text = await store.getEntry(OPEN_JOBS, id)
      return text === undefined ? undefined : parseOpenJob(text)
    },
    put: (id: string, job: OpenJob) => store.putEntry(OPEN_JOBS, id, JSON.stringify(job)),
    /**
     * Change a job unless it was changed since it was read. The revision grows.
     *
     * @returns the job as it is stored now; undefined where another process was faster
     */
    async replace(id: string, { text, job }: OpenJobEntry, change: Partial<OpenJob>): Promise<OpenJob | undefined> {
      const next = { ...job, ...change, revision: job.revision + 1 }
      return (await store.replaceEntry(OPEN_JOBS, id, text, JSON.stringify(next))) ? next : undefined
    },
    delete: (id: string) => store.deleteEntry(OPEN_JOBS, id),
  }
}

function parseOpenJob(text: string): OpenJobEntry {
  const value = parseJson(text)
  const parsed = openJobSchema.safeParse(value)
  if (parsed.success) return { text, job: parsed.data, isReadable: true }
  const { data = damagedJobSchema.parse({}) } = damagedJobSchema.safeParse(value)
  return { text, job: { ...data, ticket: data.ticket, version: 1, revision: 0 }, isReadable: false }
}
