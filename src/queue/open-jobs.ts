import { z } from 'zod'
import type { SharedStore } from './backends/shared-store.js'

/** The map of open jobs, by job id. */
const OPEN_JOBS = 'open'

const openJobSchema = z.object({
  /** The process that follows it. */
  by: z.string(),
  lane: z.string(),
  /** Whether there are such pictures. */
  source: z.boolean(),
  mask: z.boolean(),
  ticket: z.unknown(),
})

/** A job that is not acknowledged yet, as it is stored for the process that may take it over. */
export type OpenJob = z.infer<typeof openJobSchema>

export type OpenJobs = ReturnType<typeof openJobs>

/** The open jobs of all processes. */
export function openJobs(store: SharedStore) {
  return {
    async all(): Promise<Map<string, OpenJob>> {
      const entries = await store.getEntries(OPEN_JOBS)
      return new Map([...entries].map(([id, text]) => [id, openJobSchema.parse(JSON.parse(text))]))
    },
    async get(id: string): Promise<OpenJob | undefined> {
      const text = await store.getEntry(OPEN_JOBS, id)
      return text === undefined ? undefined : openJobSchema.parse(JSON.parse(text))
    },
    put: (id: string, job: OpenJob) => store.putEntry(OPEN_JOBS, id, JSON.stringify(job)),
    delete: (id: string) => store.deleteEntry(OPEN_JOBS, id),
  }
}
