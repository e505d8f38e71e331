import { type Client, DiscordAPIError } from 'discord.js'
import type { Logger } from 'pino'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { z } from 'zod'
import { problemMessage, translationsFor } from '../../i18n/i18n.js'
import { readBody } from '../../read-body.js'
import { type Problem, UserError } from '../../user-error.js'
import type { RecentTarget, RecentTargets } from './recent-targets.js'

/** Logins per window. Anybody who reaches the page can cause one, and each is a request to Discord. */
const LOGIN_LIMIT = 120
const LOGIN_WINDOW_SECONDS = 60

const DISCORD_TIMEOUT_MS = 10_000

const tokenSchema = z.object({ access_token: z.string(), scope: z.string() })
const personSchema = z.object({ id: z.string(), locale: z.string().optional() })
const instanceSchema = z.object({ users: z.array(z.string()) })

/** A person who has the Activity open, as Discord identified them. */
export type ActivityUser = { readonly person: string; readonly locale?: string | undefined }

/** The drawing page as a Discord Activity. */
export interface ActivityService {
  readonly applicationId: string
  /**
   * Identify the person who opened the Activity.
   *
   * @param code OAuth 2 authorization code, which Discord's client gave to the page
   * @param instance id of the Activity instance that the page runs in
   * @returns the person, and an access token with the scope `identify`
   * @throws UserError `activity-secret-rejected`, `activity-login-refused`, `discord-not-responding`
   */
  authenticate(code: string, instance: string): Promise<{ user: ActivityUser; accessToken: string }>
  /** What the person last asked to draw on. */
  recentTarget(user: ActivityUser): Promise<RecentTarget | undefined>
  /** A problem in the person's language. */
  describeProblem(problem: Problem, locale: string | undefined): string
}

type ActivityOptions = {
  /** Base URL of Discord's API. */
  readonly api: string
  readonly secret: string
  readonly recentTargets: RecentTargets
  readonly log: Logger
}

/** More than any of the answers has, in bytes. */
const MAX_ANSWER_BYTES = 64 * 1024

/** Undefined where a body isn't JSON, is too large, or breaks off. */
async function readJson(response: Response): Promise<unknown> {
  try {
    return JSON.parse((await readBody(response, MAX_ANSWER_BYTES)).toString())
  } catch {
    return undefined
  }
}

export function createActivityService(
  client: Client<true>,
  { api, secret, recentTargets, log }: ActivityOptions,
): ActivityService {
  const applicationId = client.application.id
  const logins = new RateLimiterMemory({ points: LOGIN_LIMIT, duration: LOGIN_WINDOW_SECONDS })
  const rejectedSecrets = new RateLimiterMemory({ points: 1, duration: LOGIN_WINDOW_SECONDS })

  /** @throws UserError `discord-not-responding` */
  async function request(path: string, options: RequestInit): Promise<Response> {
    const signal = AbortSignal.timeout(DISCORD_TIMEOUT_MS)
    const response = await fetch(`${api}/v10${path}`, { ...options, signal }).catch(cause => {
      throw new UserError({ code: 'discord-not-responding' }, { cause })
    })
    if (response.status < 500 && response.status !== 429) return response
    log.warn({ path, status: response.status }, 'Activity login failed: Discord’s API returned an error')
    throw new UserError({ code: 'discord-not-responding' })
  }

  // Secrets are in bodies and headers only: URLs and errors may be logged.
  async function exchangeCode(code: string): Promise<string> {
    if (await rejectedSecrets.get('')) throw new UserError({ code: 'activity-secret-rejected' })
    await logins.consume('').catch(() => {
      throw new UserError({ code: 'discord-not-responding' })
    })
    const form = new URLSearchParams({
      client_id: applicationId,
      client_secret: secret,
      grant_type: 'authorization_code',
      code,
    })
    const response = await request('/oauth2/token', { method: 'POST', body: form })
    const body = await readJson(response)
    const error = z.object({ error: z.string() }).safeParse(body).data?.error
    if (response.status === 401 || error === 'invalid_client') {
      const problem = { code: 'activity-secret-rejected' } as const
      // Discord blocks an address after many responses of this kind.
      await rejectedSecrets.set('', 1, LOGIN_WINDOW_SECONDS)
      log.error({ status: response.status, problem: problem.code }, problemMessage(problem))
      throw new UserError(problem)
    }
    const token = tokenSchema.safeParse(body).data
    if (!response.ok || !token?.scope.split(' ').includes('identify')) {
      log.warn({ status: response.status, error }, 'Activity login rejected: invalid code')
      throw new UserError({ code: 'activity-login-refused' })
    }
    return token.access_token
  }

  async function fetchUser(accessToken: string): Promise<ActivityUser> {
    const response = await request('/users/@me', { headers: { authorization: `Bearer ${accessToken}` } })
    if (!response.ok) throw new UserError({ code: 'activity-login-refused' })
    const { id, locale } = personSchema.parse(await readJson(response))
    return { person: id, locale }
  }

  /** Whether the person is in that Activity, as far as Discord knows. A forged client is not. */
  async function isParticipant(instance: string, { person }: ActivityUser): Promise<boolean> {
    try {
      const path = `/applications/${applicationId}/activity-instances/${encodeURIComponent(instance)}` as const
      return instanceSchema.parse(await client.rest.get(path)).users.includes(person)
    } catch (error) {
      if (error instanceof DiscordAPIError && error.status === 404) return false
      throw error
    }
  }

  return {
    applicationId,
    async authenticate(code, instance) {
      const accessToken = await exchangeCode(code)
      const user = await fetchUser(accessToken)
      if (!(await isParticipant(instance, user))) {
        log.warn({ person: user.person }, 'Activity login rejected: person isn’t in the Activity')
        throw new UserError({ code: 'activity-login-refused' })
      }
      return { user, accessToken }
    },
    recentTarget: ({ person }) => recentTargets.get(person),
    describeProblem: (problem, locale) => problemMessage(problem, translationsFor(locale)),
  }
}
