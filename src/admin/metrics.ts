import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { JobInfo } from '../queue/queue.js'
import type { JobObserver } from '../queue/worker/job-observer.js'

/** The metrics of this process, in Prometheus' text format. */
export type Metrics = {
  readonly contentType: string
  /** Is notified of each job that is painted here. */
  readonly observer: JobObserver
  /** Count the jobs of this list by their state, each time the metrics are read. */
  countJobs(list: () => Promise<readonly JobInfo[]>): void
  text(): Promise<string>
}

/** Buckets of job times: from a preview to a batch of large pictures on a slow machine. */
const TIME_BUCKETS_SECONDS = [0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1800]

/** @param now milliseconds of a clock that does not jump */
export function createMetrics(now: () => number = () => performance.now()): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const jobs = new Gauge({
    name: 'overscan_jobs',
    help: 'Jobs in the queue, by state',
    labelNames: ['state'],
    registers,
  })
  const endedJobs = new Counter({
    name: 'overscan_jobs_ended_total',
    help: 'Jobs that this process has finished, by outcome',
    labelNames: ['engine', 'device', 'outcome'],
    registers,
  })
  const waitTime = new Histogram({
    name: 'overscan_job_wait_seconds',
    help: 'Time from submitting a job to the start of painting, in seconds',
    labelNames: ['engine'],
    buckets: TIME_BUCKETS_SECONDS,
    registers,
  })
  const runTime = new Histogram({
    name: 'overscan_job_run_seconds',
    help: 'Painting time of a job by step, and in total, in seconds',
    labelNames: ['engine', 'step'],
    buckets: TIME_BUCKETS_SECONDS,
    registers,
  })
  const busyTime = new Counter({
    name: 'overscan_device_busy_seconds_total',
    help: 'Seconds that the device has painted; the rate is its utilization',
    labelNames: ['device'],
    registers,
    // Running jobs count up to now.
    collect() {
      for (const id of running.keys()) countBusyTime(id)
    },
  })
  /** Running jobs: on which device, and until when their time was counted. */
  const running = new Map<string, { readonly device: string; countedUntil: number }>()

  function countBusyTime(id: string): void {
    const job = running.get(id)
    if (!job) return
    const until = now()
    busyTime.inc({ device: job.device }, (until - job.countedUntil) / 1000)
    job.countedUntil = until
  }

  let listJobs: (() => Promise<readonly JobInfo[]>) | undefined
  return {
    contentType: registry.contentType,
    observer: {
      started({ id, engine, waitedMs, device }) {
        waitTime.observe({ engine }, waitedMs / 1000)
        running.set(id, { device, countedUntil: now() })
      },
      ended({ id, engine, device, outcome, tookMs, timings }) {
        countBusyTime(id)
        running.delete(id)
        endedJobs.inc({ engine, device, outcome })
        if (!timings) return
        const steps = { read: timings.read, paint: timings.paint, write: timings.write, total: tookMs }
        for (const [step, ms] of Object.entries(steps)) runTime.observe({ engine, step }, ms / 1000)
      },
    },
    countJobs(list) {
      listJobs = list
    },
    async text() {
      const all = (await listJobs?.()) ?? []
      for (const state of ['waiting', 'held', 'running'] as const) {
        jobs.set({ state }, all.filter(job => stateLabel(job) === state).length)
      }
      return registry.metrics()
    },
  }
}

function stateLabel({ state }: JobInfo): 'waiting' | 'held' | 'running' {
  return state.state === 'waiting' && state.paused ? 'held' : state.state
}
