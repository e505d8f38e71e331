import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { JobInfo } from '../queue/queue.js'
import type { JobObserver } from '../queue/worker.js'

/** What is measured in this process, in Prometheus' text format. */
export type Metrics = {
  readonly contentType: string
  /** Told of each job that is painted here. */
  readonly observer: JobObserver
  /** From now on jobs are counted by their state. */
  countJobs(list: () => Promise<readonly JobInfo[]>): void
  text(): Promise<string>
}

/** In seconds: from a preview to a batch of large pictures on a slow machine. */
const BUCKETS = [0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1800]

/** @param now milliseconds on any clock that does not jump */
export function createMetrics(now: () => number = () => performance.now()): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const jobs = new Gauge({ name: 'overscan_jobs', help: 'Jobs in the line', labelNames: ['state'], registers })
  const ended = new Counter({
    name: 'overscan_jobs_ended_total',
    help: 'Jobs that this process painted, by how they ended',
    labelNames: ['engine', 'device', 'outcome'],
    registers,
  })
  const waited = new Histogram({
    name: 'overscan_job_wait_seconds',
    help: 'From being asked for to being painted',
    labelNames: ['engine'],
    buckets: BUCKETS,
    registers,
  })
  const ran = new Histogram({
    name: 'overscan_job_run_seconds',
    help: 'How long painting took, step by step and in total',
    labelNames: ['engine', 'step'],
    buckets: BUCKETS,
    registers,
  })
  const busy = new Counter({
    name: 'overscan_device_busy_seconds_total',
    help: 'How long the device has painted; its rate is the share of the time that it is busy',
    labelNames: ['device'],
    registers,
    // What runs counts up to now.
    collect() {
      for (const [id, { device }] of running) count(id, device)
    },
  })
  /** What runs: on which device, and until when it was counted. */
  const running = new Map<string, { device: string; counted: number }>()

  function count(id: string, device: string): void {
    const one = running.get(id)
    if (!one) return
    const until = now()
    busy.inc({ device }, (until - one.counted) / 1000)
    one.counted = until
  }

  let list: (() => Promise<readonly JobInfo[]>) | undefined
  return {
    contentType: registry.contentType,
    observer: {
      started({ id, engine, waited: milliseconds, device }) {
        waited.observe({ engine }, milliseconds / 1000)
        running.set(id, { device, counted: now() })
      },
      ended({ id, engine, device, outcome, took, timings }) {
        count(id, device)
        running.delete(id)
        ended.inc({ engine, device, outcome })
        if (!timings) return
        const steps = { read: timings.read, paint: timings.paint, write: timings.write, total: took }
        for (const [step, milliseconds] of Object.entries(steps)) ran.observe({ engine, step }, milliseconds / 1000)
      },
    },
    countJobs(from) {
      list = from
    },
    async text() {
      const all = (await list?.()) ?? []
      for (const state of ['waiting', 'held', 'running'] as const) {
        jobs.set({ state }, all.filter(job => stateOf(job) === state).length)
      }
      return registry.metrics()
    },
  }
}

function stateOf({ state }: JobInfo): 'waiting' | 'held' | 'running' {
  return state.state === 'waiting' && state.held ? 'held' : state.state
}
