import { type Client, DiscordAPIError } from 'discord.js'
import type { Logger } from 'pino'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { z } from 'zod'
import { problemMessage, type Translations, translationsFor } from '../../i18n/i18n.js'
import { type Problem, UserError } from '../../user-error.js'
import type { RecentTarget, RecentTargets } from './recent-targets.js'

/** Whoever reaches the page can have us ask Discord: so often a minute at most, and not at all after a secret was wrong. */
const MOST = 120
const MINUTE = 60

/** How long Discord may take to say who somebody is, in milliseconds. */
const PATIENCE = 10_000

const tokenSchema = z.object({ access_token: z.string(), scope: z.string() })
const personSchema = z.object({ id: z.string(), locale: z.string().optional() })
const instanceSchema = z.object({ users: z.array(z.string()) })

/** Somebody who has the page open within Discord, as Discord vouched for them. */
export type ActivityUser = { readonly person: string; readonly locale?: string | undefined }

/** The page to draw on as Discord opens it within itself ("Activity"). */
export interface ActivityService {
  /** By which Discord knows it. */
  readonly application: string
  /**
   * Who opened it.
   *
   * @param code that Discord's program gave to the page, good for once
   * @param instance the Activity that the page runs in
   * @returns also the token that `code` was exchanged for, which lets its bearer know who they are, and no more
   * @throws ProblemError `activity-secret-rejected`, `activity-login-refused`, `discord-not-responding`
   */
  authenticate(code: string, instance: string): Promise<{ visitor: ActivityUser; access: string }>
  /** What they last asked to draw on. */
  recentTarget(visitor: ActivityUser): Promise<RecentTarget | undefined>
  /** What the page itself says. */
  translations(locale: string | undefined): Translations['activity']
  /** A problem in words for the person. */
  describeProblem(problem: Problem, locale: string | undefined): string
}

type Given = {
  /** Where Discord's API is. */
  readonly api: string
  readonly secret: string
  readonly asked: RecentTargets
  readonly log: Logger
}

export function createActivityService(client: Client<true>, { api, secret, asked, log }: Given): ActivityService {
  const application = client.application.id
  const asks = new RateLimiterMemory({ points: MOST, duration: MINUTE })
  const wrong = new RateLimiterMemory({ points: 1, duration: MINUTE })

  /** @throws ProblemError `discord-not-responding` */
  async function ask(path: string, options: RequestInit): Promise<Response> {
    const signal = AbortSignal.timeout(PATIENCE)
    const response = await fetch(`${api}/v10${path}`, { ...options, signal }).catch(cause => {
      throw new UserError({ code: 'discord-not-responding' }, { cause })
    })
    if (response.status < 500 && response.status !== 429) return response
    log.warn({ path, status: response.status }, 'Discord does not say who somebody is')
    throw new UserError({ code: 'discord-not-responding' })
  }

  // Secrets go in bodies and headers: addresses and errors, which may be logged, hold none.
  async function exchange(code: string): Promise<string> {
    if (await wrong.get('')) throw new UserError({ code: 'activity-secret-rejected' })
    await asks.consume('').catch(() => {
      throw new UserError({ code: 'discord-not-responding' })
    })
    const body = new URLSearchParams({
      client_id: application,
      client_secret: secret,
      grant_type: 'authorization_code',
      code,
    })
    const response = await ask('/oauth2/token', { method: 'POST', body })
    const answer = await response.json().catch(() => undefined)
    const error = z.object({ error: z.string() }).safeParse(answer).data?.error
    if (response.status === 401 || error === 'invalid_client') {
      const problem = { code: 'activity-secret-rejected' } as const
      // Many such answers, and Discord shuts out the whole machine.
      await wrong.set('', 1, MINUTE)
      log.error({ status: response.status, problem: problem.code }, problemMessage(problem))
      throw new UserError(problem)
    }
    const token = tokenSchema.safeParse(answer).data
    if (!response.ok || !token?.scope.split(' ').includes('identify')) {
      log.warn({ status: response.status, error }, 'somebody was not let into the activity')
      throw new UserError({ code: 'activity-login-refused' })
    }
    return token.access_token
  }

  async function bearer(access: string): Promise<ActivityUser> {
    const response = await ask('/users/@me', { headers: { authorization: `Bearer ${access}` } })
    if (!response.ok) throw new UserError({ code: 'activity-login-refused' })
    const { id, locale } = personSchema.parse(await response.json())
    return { person: id, locale }
  }

  /** Whether Discord has them in that Activity: what only pretends to be Discord's program does not get there. */
  async function isIn(instance: string, { person }: ActivityUser): Promise<boolean> {
    try {
      const path = `/applications/${application}/activity-instances/${encodeURIComponent(instance)}` as const
      return instanceSchema.parse(await client.rest.get(path)).users.includes(person)
    } catch (error) {
      if (error instanceof DiscordAPIError && error.status === 404) return false
      throw error
    }
  }

  return {
    application,
    async authenticate(code, instance) {
      const access = await exchange(code)
      const visitor = await bearer(access)
      if (!(await isIn(instance, visitor))) {
        log.warn({ person: visitor.person }, 'somebody who is not in the activity asked for it')
        throw new UserError({ code: 'activity-login-refused' })
      }
      return { visitor, access }
    },
    recentTarget: ({ person }) => asked.get(person),
    translations: locale => translationsFor(locale).activity,
    describeProblem: (problem, locale) => problemMessage(problem, translationsFor(locale)),
  }
}
