import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { ActivityService, ActivityUser } from '../bot/drawing/activity.js'
import { UserError } from '../user-error.js'
import { bearerToken, errorResponse, parseJson } from './drawing-routes.js'
import type { SignedLinks } from './signed-links.js'

/** The largest request that is taken, in bytes. */
const LARGEST = 4096

const enterSchema = z.strictObject({
  code: z.string().regex(/^[\w.-]{1,512}$/),
  instance: z.string().regex(/^[\w.-]{1,512}$/),
})

/**
 * What the page asks for where Discord opens it within itself: who looks at it, and what they last asked to draw on. From then on
 * that picture's own token stands for them, as on the page that a link opens.
 *
 * @param activity undefined while the bot is not there
 */
export function activityRoutes(links: SignedLinks, activity: () => ActivityService | undefined): Hono {
  const app = new Hono()

  async function answered(context: Context, work: (desk: ActivityService) => Promise<Response>): Promise<Response> {
    const desk = activity()
    if (!desk) return errorResponse('The bot is just starting. Try again in a moment.', 503)
    try {
      return await work(desk)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      return errorResponse(
        desk.describeProblem(error.problem, spoken(context)),
        error.problem.code === 'activity-login-refused' ? 403 : 502,
      )
    }
  }

  async function asked(desk: ActivityService, visitor: ActivityUser): Promise<object> {
    const found = await desk.recentTarget(visitor)
    return found ? { press: found.press, token: await links.signTarget(found.region) } : {}
  }

  // None of it is for anybody's cache.
  app.use('/api/activity/*', async (context, next) => {
    await next()
    context.header('cache-control', 'no-store')
  })

  app.get('/api/activity', context =>
    answered(context, async desk =>
      context.json({ application: desk.applicationId, words: desk.translations(spoken(context)) }),
    ),
  )

  app.post('/api/activity', bodyLimit({ maxSize: LARGEST }), context =>
    answered(context, async desk => {
      const read = enterSchema.safeParse(parseJson(await context.req.text()))
      if (!read.success) throw new UserError({ code: 'activity-login-refused' })
      const { user: visitor, accessToken: access } = await desk.authenticate(read.data.code, read.data.instance)
      return context.json({ pass: await links.signVisitor(visitor), access, ...(await asked(desk, visitor)) })
    }),
  )

  app.get('/api/activity/asked', context =>
    answered(context, async desk => {
      const visitor = await links.verifyVisitor(bearerToken(context))
      if (!visitor) throw new UserError({ code: 'activity-login-refused' })
      return context.json(await asked(desk, visitor))
    }),
  )
  return app
}

/** The language that somebody's browser asks for first. */
function spoken(context: Context): string | undefined {
  return context.req.header('accept-language')?.split(/[,;]/, 1)[0]
}
