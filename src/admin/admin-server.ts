import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { HonoAdapter } from '@bull-board/hono'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Queue } from 'bullmq'
import { Hono } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { listen } from '../listen.js'
import type { Backend } from '../queue/backends/backend.js'
import { LANE_MEGAPIXELS, lanesOf } from '../queue/lanes.js'
import type { Metrics } from './metrics.js'

/** What there is to tell of a process. */
export type AdminSources = {
  readonly metrics: Metrics
  readonly backend: Backend
  readonly engines: readonly string[]
  /** Why it can't work just now, if it can't. */
  readonly ready: () => string | undefined
}

export type AdminServerOptions = {
  /** 0 takes one that is free. */
  readonly port: number
  readonly host: string
  /** Of the board, for the user `overscan`; without one there is no board. */
  readonly password: string | undefined
}

export type AdminServer = { readonly url: string; close(): Promise<void> }

/** How long the line may take to answer before it counts as out of reach, in milliseconds. */
const PATIENCE = 3000

/**
 * For whoever runs the machine: `/healthz` (the process answers), `/readyz` (it can do its work), `/metrics`
 * (Prometheus) and, behind a password, `/board` (bull-board: every job in every lane, to look at).
 *
 * @throws ProblemError `port-taken`
 */
export async function startAdminServer(
  { metrics, backend, engines, ready }: AdminSources,
  { port, host, password }: AdminServerOptions,
): Promise<AdminServer> {
  const app = new Hono()
  app.get('/healthz', context => context.text('ok\n'))
  app.get('/readyz', async context => {
    const why = ready() ?? (await unreachable(backend))
    return why === undefined ? context.text('ready\n') : context.text(`${why}\n`, 503)
  })
  app.get('/metrics', async context => context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }))
  const queues: Queue[] = []
  if (password !== undefined) {
    queues.push(...lanesOf({ engines, largest: LANE_MEGAPIXELS.at(-1)! }).map(lane => backend.queue(lane)))
    const board = new HonoAdapter(serveStatic)
    board.setBasePath('/board')
    createBullBoard({
      // To look at: a job that is pushed on from here would have nobody to bring its pictures to.
      queues: queues.map(queue => new BullMQAdapter(queue as never, { readOnlyMode: true })),
      serverAdapter: board,
      options: { uiConfig: { boardTitle: 'Overscan' } },
    })
    app.use('/board/*', basicAuth({ username: 'overscan', password }))
    app.use('/board', basicAuth({ username: 'overscan', password }))
    app.route('/board', board.registerPlugin())
  }

  const listening = await listen(app, { port, host }, 'OPERATOR_PORT')
  return {
    url: listening.url,
    async close() {
      await listening.close()
      await Promise.all(queues.map(queue => queue.close()))
    },
  }
}

async function unreachable(backend: Backend): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>(resolve => {
    timer = setTimeout(() => resolve('the line does not answer'), PATIENCE)
  })
  try {
    return await Promise.race([backend.ping().then(() => undefined), late])
  } catch (error) {
    return `the line can't be reached: ${(error as Error).message}`
  } finally {
    clearTimeout(timer)
  }
}
