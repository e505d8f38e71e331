import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type DrawingService, drawingRequestSchema } from '../bot/drawing/session.js'
import type { DrawingTarget } from '../bot/drawing/target.js'
import { UserError } from '../user-error.js'
import type { SignedLinks } from './signed-links.js'

/** The largest mask that is taken, in bytes: black and white compresses well. */
const LARGEST_MASK = 16 * 1024 * 1024

/**
 * What the painter page asks for. Each request carries the link's token; what it opens is that one picture, and what was asked for
 * by that one person.
 *
 * @param regions undefined while the bot is not there
 */
export function drawingRoutes(links: SignedLinks, regions: () => DrawingService | undefined): Hono {
  const app = new Hono()

  /** @throws Response */
  async function asked(context: Context): Promise<{ region: DrawingTarget; desk: DrawingService }> {
    const region = await links.verifyTarget(bearerToken(context))
    if (!region) throw errorResponse('This link is not good any more. Press Vary (Region) again for a new one.', 403)
    const desk = regions()
    if (!desk) throw errorResponse('The bot is just starting. Try again in a moment.', 503)
    return { region, desk }
  }

  /** Problems in the person's words; what else is thrown is nobody's business but the log's. */
  async function answered(context: Context, work: (region: DrawingTarget, desk: DrawingService) => Promise<Response>) {
    try {
      const { region, desk } = await asked(context)
      try {
        return await work(region, desk)
      } catch (error) {
        if (error instanceof UserError) return errorResponse(desk.describeProblem(region, error.problem), 400)
        throw error
      }
    } catch (error) {
      if (error instanceof Response) return error
      throw error
    }
  }

  app.get('/api/region', context =>
    answered(context, async (region, desk) => {
      const { picture, ...about } = await desk.open(region)
      return context.json({ ...about, picture: Buffer.from(picture).toString('base64') })
    }),
  )

  app.post('/api/region', bodyLimit({ maxSize: LARGEST_MASK }), context =>
    answered(context, async (region, desk) => {
      const form = await context.req.formData()
      const wish = drawingRequestSchema.safeParse(parseJson(String(form.get('wish'))))
      if (!wish.success) return errorResponse('That can’t be asked for.', 400)
      const mask = form.get('mask')
      const bytes = mask instanceof Blob ? new Uint8Array(await mask.arrayBuffer()) : undefined
      return context.json({ job: await desk.submit(region, wish.data, bytes) })
    }),
  )

  app.get('/api/region/jobs/:id', context =>
    answered(context, async (region, desk) => {
      const job = desk.jobState(region, context.req.param('id'))
      if (!job) return errorResponse('What was asked for here is not known any more. Look for it in the channel.', 404)
      const encoded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
      if (job.state === 'done') {
        const tokens = await Promise.all(job.next.map(next => links.signTarget(next)))
        return context.json({ ...job, pictures: job.pictures.map(encoded), next: tokens })
      }
      if (job.state === 'running' && job.preview) return context.json({ ...job, preview: encoded(job.preview) })
      return context.json(job)
    }),
  )
  return app
}

/** The token that a request carries, or nothing. */
export function bearerToken(context: Context): string {
  const [, token = ''] = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '') ?? []
  return token
}

export function errorResponse(error: string, status: number): Response {
  return Response.json({ error }, { status })
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // which is no wish, and told so
  }
}
