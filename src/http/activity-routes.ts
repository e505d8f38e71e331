import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { Activity, Visitor } from '../bot/drawing/activity.js'
import { ProblemError } from '../user-error.js'
import { bearerIn, parsed, refusal } from './drawing-routes.js'
import type { RegionLinks } from './signed-links.js'

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
export function activityRoutes(links: RegionLinks, activity: () => Activity | undefined): Hono {
  const app = new Hono()

  async function answered(context: Context, work: (desk: Activity) => Promise<Response>): Promise<Response> {
    const desk = activity()
    if (!desk) return refusal('The bot is just starting. Try again in a moment.', 503)
    try {
      return await work(desk)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      return refusal(desk.say(error.problem, spoken(context)), error.problem.code === 'activity-refused' ? 403 : 502)
    }
  }

  async function asked(desk: Activity, visitor: Visitor): Promise<object> {
    const found = await desk.asked(visitor)
    return found ? { press: found.press, token: await links.token(found.region) } : {}
  }

  // None of it is for anybody's cache.
  app.use('/api/activity/*', async (context, next) => {
    await next()
    context.header('cache-control', 'no-store')
  })

  app.get('/api/activity', context =>
    answered(context, async desk =>
      context.json({ application: desk.application, words: desk.words(spoken(context)) }),
    ),
  )

  app.post('/api/activity', bodyLimit({ maxSize: LARGEST }), context =>
    answered(context, async desk => {
      const read = enterSchema.safeParse(parsed(await context.req.text()))
      if (!read.success) throw new ProblemError({ code: 'activity-refused' })
      const { visitor, access } = await desk.enter(read.data.code, read.data.instance)
      return context.json({ pass: await links.pass(visitor), access, ...(await asked(desk, visitor)) })
    }),
  )

  app.get('/api/activity/asked', context =>
    answered(context, async desk => {
      const visitor = await links.readPass(bearerIn(context))
      if (!visitor) throw new ProblemError({ code: 'activity-refused' })
      return context.json(await asked(desk, visitor))
    }),
  )
  return app
}

/** The language that somebody's browser asks for first. */
function spoken(context: Context): string | undefined {
  return context.req.header('accept-language')?.split(/[,;]/, 1)[0]
}
