import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { HonoAdapter } from '@bull-board/hono'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Queue } from 'bullmq'
import { Hono } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { listen } from '../listen.js'
import type { Backend } from '../queue/backends/backend.js'
import { lanesOf, MAX_LANE_MEGAPIXELS } from '../queue/lanes.js'
import type { Metrics } from './metrics.js'

/** The parts of a process that the admin server reports on. */
export type AdminSources = {
  readonly metrics: Metrics
  readonly backend: Backend
  readonly engines: readonly string[]
  /** Why this process is not ready; undefined if it is. */
  readonly notReadyReason: () => string | undefined
}

export type AdminServerOptions = {
  /** 0 takes a free port. */
  readonly port: number
  readonly host: string
  /** Password of the board, for the user `overscan`. Without one there is no board. */
  readonly password: string | undefined
}

export type AdminServer = { readonly url: string; close(): Promise<void> }

/** How long the backend may take to answer before `/readyz` calls it unreachable, in milliseconds. */
const PING_TIMEOUT_MS = 3000

/**
 * The HTTP server for the operator: `/healthz` (the process answers), `/readyz` (it can do its work), `/metrics`
 * (Prometheus) and, behind a password, `/board` (bull-board: every job of every lane).
 *
 * @throws UserError `port-taken`
 */
export async function startAdminServer(
  { metrics, backend, engines, notReadyReason }: AdminSources,
  { port, host, password }: AdminServerOptions,
): Promise<AdminServer> {
  const app = new Hono()
  app.get('/healthz', context => context.text('ok\n'))
  app.get('/readyz', async context => {
    const reason = notReadyReason() ?? (await unreachableReason(backend))
    return reason === undefined ? context.text('ready\n') : context.text(`${reason}\n`, 503)
  })
  app.get('/metrics', async context => context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }))
  const queues: Queue[] = []
  if (password !== undefined) {
    const lanes = lanesOf({ engines, maxMegapixels: MAX_LANE_MEGAPIXELS })
    queues.push(...lanes.map(lane => backend.queue(lane)))
    // Without a listener BullMQ prints each error. The queues of the bot and the worker report the same ones.
    for (const queue of queues) queue.on('error', () => {})
    addBoard(app, queues, password)
  }

  const server = await listen(app, { port, host }, 'OPERATOR_PORT')
  return {
    url: server.url,
    async close() {
      await server.close()
      await Promise.all(queues.map(queue => queue.close()))
    },
  }
}

function addBoard(app: Hono, queues: readonly Queue[], password: string): void {
  const board = new HonoAdapter(serveStatic)
  board.setBasePath('/board')
  createBullBoard({
    // Read-only: nobody would follow a job that is retried from here, and deliver its pictures.
    // The board’s types for the same queue differ.
    queues: queues.map(queue => new BullMQAdapter(queue as never, { readOnlyMode: true })),
    serverAdapter: board,
    options: { uiConfig: { boardTitle: 'Overscan' } },
  })
  app.use('/board/*', basicAuth({ username: 'overscan', password }))
  app.use('/board', basicAuth({ username: 'overscan', password }))
  app.route('/board', board.registerPlugin())
}

/** @returns undefined where the backend answers a ping in time */
async function unreachableReason(backend: Backend): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<string>(resolve => {
    timer = setTimeout(() => resolve('the queue does not respond'), PING_TIMEOUT_MS)
  })
  try {
    return await Promise.race([backend.ping().then(() => undefined), timeout])
  } catch (error) {
    return `the queue can't be reached: ${(error as Error).message}`
  } finally {
    clearTimeout(timer)
  }
}
