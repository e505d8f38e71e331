import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ActivityService, ActivityUser } from '../bot/drawing/activity.js'
import { parseJson } from '../parse-json.js'
import type { ActivityInfo, ActivitySession, RecentDrawing } from '../protocol/activity.js'
import { activityLoginSchema } from '../protocol/activity-login.js'
import { UserError } from '../user-error.js'
import { errorResponse } from './error-response.js'
import { preferredLanguage, requestTexts, requestTranslations } from './request-language.js'
import { bearerToken, type SignedLinks } from './signed-links.js'

const MAX_LOGIN_BYTES = 4096

/**
 * The API of the editor page where Discord shows it as an Activity: who the person is, and which picture they opened last.
 * From then on that picture's token authorizes them, as on the page that a link opens.
 *
 * @param activity undefined until the bot is logged in
 */
export function activityRoutes(links: SignedLinks, activity: () => ActivityService | undefined): Hono {
  const app = new Hono()

  async function answer(context: Context, handler: (service: ActivityService) => Promise<Response>): Promise<Response> {
    const service = activity()
    if (!service) return errorResponse(requestTexts(context).server.starting, 503)
    try {
      return await handler(service)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      const message = service.describeProblem(error.problem, preferredLanguage(context))
      return errorResponse(message, error.problem.code === 'activity-login-refused' ? 403 : 502)
    }
  }

  async function recentDrawing(service: ActivityService, user: ActivityUser): Promise<RecentDrawing> {
    const recent = await service.recentTarget(user)
    return recent ? { press: recent.press, token: await links.signTarget(recent.region) } : {}
  }

  app.use('/api/activity/*', async (context, next) => {
    await next()
    context.header('cache-control', 'no-store')
  })

  app.get('/api/activity', context =>
    answer(context, async ({ applicationId: application }) => {
      const { activity: texts, pages } = requestTranslations(context)
      return context.json({ application, language: pages.language, texts } satisfies ActivityInfo)
    }),
  )

  app.post('/api/activity', bodyLimit({ maxSize: MAX_LOGIN_BYTES }), context =>
    answer(context, async service => {
      const login = activityLoginSchema.safeParse(parseJson(await context.req.text()))
      if (!login.success) throw new UserError({ code: 'activity-login-refused' })
      const { user, accessToken: access } = await service.authenticate(login.data.code, login.data.instance)
      const session = { pass: await links.signVisitor(user), access, ...(await recentDrawing(service, user)) }
      return context.json(session satisfies ActivitySession)
    }),
  )

  app.get('/api/activity/recent', context =>
    answer(context, async service => {
      const user = await links.verifyVisitor(bearerToken(context))
      if (!user) throw new UserError({ code: 'activity-login-refused' })
      return context.json(await recentDrawing(service, user))
    }),
  )
  return app
}
