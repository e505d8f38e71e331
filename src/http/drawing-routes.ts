import { Hono } from 'hono'
import type { DrawingService } from '../bot/drawing/session.js'
import { parseJson } from '../parse-json.js'
import type { ObjectSelection, OpenedDrawing, Submitted } from '../protocol/drawing.js'
import { drawingRequestSchema, selectionRequestSchema } from '../protocol/drawing-request.js'
import { readBody } from '../read-body.js'
import { drawingAccess, textsFor } from './drawing-access.js'
import { drawingJobRoutes, JOBS } from './drawing-job-routes.js'
import { errorResponse } from './error-response.js'
import { readForm } from './form-body.js'
import { pictureResponse } from './picture-response.js'
import type { SignedLinks } from './signed-links.js'

/** In bytes. Masks are black and white, which compresses well. */
const MAX_MASK_BYTES = 16 * 1024 * 1024

/** Of a selection request, in bytes: 64 points have 4 kB. */
const MAX_SELECTION_BYTES = 16 * 1024

/** Selections of one person that are computed or wait: the page sends one at a time, a second tab may send another. */
const MAX_SELECTIONS = 4

/**
 * The API of the editor page. Each request carries the link's token. The token opens one picture for one person, and the jobs
 * that this person submitted. Tokens and secrets are never in an address: the browser loads pictures with the same header.
 *
 * @param drawing undefined until the bot is logged in
 */
export function drawingRoutes(links: SignedLinks, drawing: () => DrawingService | undefined): Hono {
  const app = new Hono()
  const authorize = drawingAccess(links, drawing)
  const selections = limitPerPerson(MAX_SELECTIONS)

  app.get('/api/drawing', context =>
    authorize(context, async ({ target, service }) => {
      const { language, editor: texts } = textsFor(context, target)
      const opened = { ...(await service.open(target)), picture: '/api/drawing/picture', language, texts }
      return context.json(opened satisfies OpenedDrawing)
    }),
  )

  app.get('/api/drawing/picture', context =>
    authorize(context, async ({ target, service }) => pictureResponse(context, await service.picture(target))),
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
      const selecting = selections.run(target.person, () => service.select(target, prompt.data))
      if (!selecting) return errorResponse(selectionBusy, 429)
      return context.json((await selecting) satisfies ObjectSelection)
    }),
  )

  app.route(JOBS, drawingJobRoutes(links, authorize))
  return app
}

/** Runs at most this many pieces of work for a person at once. */
function limitPerPerson(max: number) {
  const running = new Map<string, number>()

  async function counted<T>(person: string, work: () => Promise<T>): Promise<T> {
    running.set(person, (running.get(person) ?? 0) + 1)
    try {
      return await work()
    } finally {
      const left = running.get(person)! - 1
      if (left > 0) running.set(person, left)
      else running.delete(person)
    }
  }

  return {
    /** @returns undefined where too many run */
    run<T>(person: string, work: () => Promise<T>): Promise<T> | undefined {
      return (running.get(person) ?? 0) < max ? counted(person, work) : undefined
    },
  }
}
