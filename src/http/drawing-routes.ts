import { type Context, Hono } from 'hono'
import type { DrawingService } from '../bot/drawing/session.js'
import type { DrawingTarget } from '../bot/drawing/target.js'
import type { DrawingJob } from '../bot/drawing/tracked-jobs.js'
import { translationsFor } from '../i18n/i18n.js'
import { parseJson } from '../parse-json.js'
import type { DrawingJobState, ObjectSelection, OpenedDrawing, Submitted } from '../protocol/drawing.js'
import { drawingRequestSchema, selectionRequestSchema } from '../protocol/drawing-request.js'
import { readBody } from '../read-body.js'
import { UserError } from '../user-error.js'
import { errorResponse } from './error-response.js'
import { readForm } from './form-body.js'
import { requestTexts } from './request-language.js'
import { bearerToken, type SignedLinks } from './signed-links.js'

/** In bytes. Masks are black and white, which compresses well. */
const MAX_MASK_BYTES = 16 * 1024 * 1024

/** Of a selection request, in bytes: 64 points have 4 kB. */
const MAX_SELECTION_BYTES = 16 * 1024

/** Selections of one person that are computed or wait: the page sends one at a time, a second tab may send another. */
const MAX_SELECTIONS = 4

/** How long a browser may keep a picture, in seconds: as long as its token is valid. */
const PICTURE_MAX_AGE_S = 30 * 60

/**
 * The API of the editor page. Each request carries the link's token. The token opens one picture for one person, and the jobs
 * that this person submitted. Tokens and secrets are never in an address: the browser loads pictures with the same header.
 *
 * @param drawing undefined until the bot is logged in
 */
export function drawingRoutes(links: SignedLinks, drawing: () => DrawingService | undefined): Hono {
  const app = new Hono()
  /** How many selections of each person are computed or wait. */
  const selecting = new Map<string, number>()
  type Authorized = { readonly target: DrawingTarget; readonly service: DrawingService }

  /** Answers user errors in the person's language; other errors go to the log. */
  async function authorize(context: Context, handler: (authorized: Authorized) => Promise<Response> | Response) {
    const token = bearerToken(context)
    const target = await links.verifyTarget(token)
    const { server } = textsFor(context, target)
    if (!target) return errorResponse(token ? server.linkExpired : server.linkMissing, 403)
    const service = drawing()
    if (!service) return errorResponse(server.starting, 503)
    try {
      return await handler({ target, service })
    } catch (error) {
      if (error instanceof UserError) return errorResponse(service.describeProblem(target, error.problem), 400)
      throw error
    }
  }

  app.get('/api/drawing', context =>
    authorize(context, async ({ target, service }) => {
      const { language, editor: texts } = textsFor(context, target)
      const opened = { ...(await service.open(target)), picture: '/api/drawing/picture', language, texts }
      return context.json(opened satisfies OpenedDrawing)
    }),
  )

  app.get('/api/drawing/picture', context =>
    authorize(context, async ({ target, service }) => picture(context, await service.picture(target))),
  )

  app.post('/api/drawing', context =>
    authorize(context, async ({ target, service }) => {
      const { invalidRequest } = textsFor(context, target).server
      const form = await readForm(context, MAX_MASK_BYTES)
      if (typeof form === 'number') return errorResponse(invalidRequest, form)
      const request = drawingRequestSchema.safeParse(parseJson(String(form.get('request'))))
      if (!request.success) return errorResponse(invalidRequest, 400)
      const mask = form.get('mask')
      const bytes = mask instanceof Blob ? new Uint8Array(await mask.arrayBuffer()) : undefined
      return context.json({ job: await service.submit(target, request.data, bytes) } satisfies Submitted)
    }),
  )

  app.post('/api/drawing/selection', context =>
    authorize(context, async ({ target, service }) => {
      const { invalidRequest, selectionBusy } = textsFor(context, target).server
      const body = await readBody(context.req.raw, MAX_SELECTION_BYTES).catch(() => undefined)
      const prompt = selectionRequestSchema.safeParse(body && parseJson(Buffer.from(body).toString('utf8')))
      if (!prompt.success) return errorResponse(invalidRequest, 400)
      const running = selecting.get(target.person) ?? 0
      if (running >= MAX_SELECTIONS) return errorResponse(selectionBusy, 429)
      selecting.set(target.person, running + 1)
      try {
        return context.json((await service.select(target, prompt.data)) satisfies ObjectSelection)
      } finally {
        const left = selecting.get(target.person)! - 1
        if (left > 0) selecting.set(target.person, left)
        else selecting.delete(target.person)
      }
    }),
  )

  app.get('/api/drawing/jobs/:id', context =>
    authorize(context, async ({ target, service }) => {
      const id = context.req.param('id')
      const job = service.jobState(target, id)
      return job ? context.json(await jobState(id, job)) : unknownJob(context, target)
    }),
  )

  app.get('/api/drawing/jobs/:id/preview', context =>
    authorize(context, ({ target, service }) => {
      const job = service.jobState(target, context.req.param('id'))
      if (!job) return unknownJob(context, target)
      // The job may end between the page's requests for its state and for its preview.
      return job.state === 'running' && job.preview ? picture(context, job.preview) : context.body(null, 204)
    }),
  )

  app.get('/api/drawing/jobs/:id/pictures/:index{[0-9]}', context =>
    authorize(context, ({ target, service }) => {
      const job = service.jobState(target, context.req.param('id'))
      const bytes = job?.state === 'done' ? job.pictures[Number(context.req.param('index'))] : undefined
      return bytes ? picture(context, bytes) : unknownJob(context, target)
    }),
  )

  async function jobState(id: string, job: DrawingJob): Promise<DrawingJobState> {
    const url = `/api/drawing/jobs/${id}`
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

  return app
}

function picture(context: Context, bytes: Uint8Array): Response {
  return context.body(new Uint8Array(bytes), 200, {
    'content-type': pictureType(bytes),
    'cache-control': `private, max-age=${PICTURE_MAX_AGE_S}`,
    vary: 'authorization',
  })
}

/** By the first bytes of the file. */
function pictureType([first]: Uint8Array): string {
  return first === 0x89 ? 'image/png' : first === 0xff ? 'image/jpeg' : 'image/webp'
}

function unknownJob(context: Context, target: DrawingTarget): Response {
  return errorResponse(textsFor(context, target).server.unknownJob, 404)
}

/** In the person's language on Discord; if that is unknown, in their browser's. */
function textsFor(context: Context, target: DrawingTarget | undefined) {
  return target?.locale ? translationsFor(target.locale).pages : requestTexts(context)
}
