import { type Context, Hono } from 'hono'
import type { DrawingTarget } from '../bot/drawing/target.js'
import type { DrawingJob } from '../bot/drawing/tracked-jobs.js'
import type { DrawingJobState } from '../protocol/drawing.js'
import { type Authorize, textsFor } from './drawing-access.js'
import { errorResponse } from './error-response.js'
import { pictureResponse } from './picture-response.js'
import type { SignedLinks } from './signed-links.js'

/** The path of the jobs. */
export const JOBS = '/api/drawing/jobs'

/** The states and pictures of the jobs that a person submitted from the editor page, below {@link JOBS}. */
export function drawingJobRoutes(links: SignedLinks, authorize: Authorize): Hono {
  const app = new Hono()

  app.get('/:id', context =>
    authorize(context, async ({ target, service }) => {
      const id = context.req.param('id')
      const job = service.jobState(target, id)
      return job ? context.json(await jobState(links, id, job)) : unknownJob(context, target)
    }),
  )

  app.get('/:id/preview', context =>
    authorize(context, ({ target, service }) => {
      const job = service.jobState(target, context.req.param('id'))
      if (!job) return unknownJob(context, target)
      // The job may end between the page's requests for its state and for its preview.
      return job.state === 'running' && job.preview ? pictureResponse(context, job.preview) : context.body(null, 204)
    }),
  )

  app.get('/:id/pictures/:index{[0-9]}', context =>
    authorize(context, ({ target, service }) => {
      const job = service.jobState(target, context.req.param('id'))
      const bytes = job?.state === 'done' ? job.pictures[Number(context.req.param('index'))] : undefined
      return bytes ? pictureResponse(context, bytes) : unknownJob(context, target)
    }),
  )

  return app
}

/** With the addresses of its pictures, and a token to draw on each. */
async function jobState(links: SignedLinks, id: string, job: DrawingJob): Promise<DrawingJobState> {
  const url = `${JOBS}/${id}`
  if (job.state === 'running') {
    const { preview, ...state } = job
    // The progress is in the address because each preview is another picture.
    return preview ? { ...state, preview: `${url}/preview?progress=${job.progress}` } : state
  }
  if (job.state !== 'done') return job
  const pictures = job.pictures.map(async (_, index) => {
    const next = job.next[index]
    return { url: `${url}/pictures/${index}`, ...(next && { token: await links.signTarget(next) }) }
  })
  return { state: 'done', pictures: await Promise.all(pictures) }
}

function unknownJob(context: Context, target: DrawingTarget): Response {
  return errorResponse(textsFor(context, target).server.unknownJob, 404)
}
