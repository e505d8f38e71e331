import { randomBytes } from 'node:crypto'
import type { APIUser } from 'discord.js'
import { invalidActivityAction, OAuthError, unauthorized } from './api-errors.js'
import { type ActivityInstance, type EmulatorState, notifyChange, type OAuthGrant } from './state.js'

/** How long a code can be exchanged, and what it was exchanged for be used, in milliseconds. */
const CODE_LIFE = 10 * 60_000
const TOKEN_LIFE = 7 * 24 * 60 * 60_000

/** Codes of errors between an Activity and Discord's program. */
export const INVALID_COMMAND = 4002
const OAUTH2_ERROR = 5000
const INVALID_TOKEN = 4009

/** Discord's program says no to an Activity. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

/** Open the Activity in a channel, or join who is in it already. @throws ApiError where Activities are not turned on */
export function joinActivity(state: EmulatorState, channelId: string, user: string): ActivityInstance {
  if (!state.activities) throw invalidActivityAction()
  const running = [...state.activityInstances.values()].find(one => one.channelId === channelId)
  const instance = running ?? open(state, channelId)
  instance.users.add(user)
  notifyChange(state)
  return instance
}

function open(state: EmulatorState, channelId: string): ActivityInstance {
  const launchId = state.id()
  const channel = state.channels.get(channelId)!
  const place = 'guild_id' in channel ? `gc-${channel.guild_id}-${channelId}` : `pc-${channelId}`
  const instance = { id: `i-${launchId}-${place}`, launchId, channelId, users: new Set<string>() }
  state.activityInstances.set(instance.id, instance)
  return instance
}

/** When the last has left it is over. */
export function leaveActivity(state: EmulatorState, id: string, user: string): void {
  const instance = state.activityInstances.get(id)
  instance?.users.delete(user)
  if (instance?.users.size === 0) state.activityInstances.delete(id)
  notifyChange(state)
}

/** What an Activity asks Discord's program for, in the name of who has it open. @throws RpcError */
export function handleRpcCommand(
  state: EmulatorState,
  user: APIUser,
  command: string,
  args: Record<string, unknown>,
): unknown {
  switch (command) {
    case 'AUTHORIZE': {
      if (args.client_id !== state.applicationId) throw new RpcError(OAUTH2_ERROR, 'OAuth2 Error: invalid_client')
      if (state.usersDenyingAuthorization.has(user.id)) throw new RpcError(OAUTH2_ERROR, 'OAuth2 Error: access_denied')
      const code = randomBytes(15).toString('base64url')
      const scopes = args.scope as string[]
      state.authorizationCodes.set(code, { user: user.id, scopes, expiresAt: state.clock.now() + CODE_LIFE })
      return { code }
    }
    case 'AUTHENTICATE': {
      const grant = state.accessTokens.get(String(args.access_token))
      if (!grant || grant.user !== user.id) throw new RpcError(INVALID_TOKEN, 'Invalid OAuth2 token')
      const { username, discriminator, id, avatar, global_name } = user
      return {
        access_token: args.access_token,
        user: { username, discriminator, id, avatar, global_name, public_flags: 0 },
        scopes: grant.scopes,
        expires: new Date(grant.expiresAt).toISOString(),
        application: { id: state.applicationId, name: state.bot.username, description: '', icon: null },
      }
    }
    default:
      throw new RpcError(INVALID_COMMAND, `Invalid command: ${command}`)
  }
}

/** A token for a code, once. @throws OAuthError */
export function exchangeCode(state: EmulatorState, form: Readonly<Record<string, string>>) {
  if (form.client_id !== state.applicationId || form.client_secret !== state.clientSecret) {
    throw new OAuthError(401, 'invalid_client', 'Invalid client credentials')
  }
  if (form.grant_type !== 'authorization_code') {
    throw new OAuthError(400, 'unsupported_grant_type', 'Grant type is not supported')
  }
  const grant = state.authorizationCodes.get(form.code ?? '')
  state.authorizationCodes.delete(form.code ?? '')
  if (!grant || grant.expiresAt < state.clock.now()) {
    throw new OAuthError(400, 'invalid_grant', 'Invalid "code" in request.')
  }
  const token = randomBytes(15).toString('base64url')
  state.accessTokens.set(token, { ...grant, expiresAt: state.clock.now() + TOKEN_LIFE })
  return {
    token_type: 'Bearer',
    access_token: token,
    expires_in: TOKEN_LIFE / 1000,
    refresh_token: randomBytes(15).toString('base64url'),
    scope: grant.scopes.join(' '),
  }
}

/** What somebody allowed who asks; undefined where it is the bot. @throws ApiError 401 */
export function grantOfBearer(state: EmulatorState, authorization: string | undefined): OAuthGrant | undefined {
  const [, token] = /^Bearer (.+)$/.exec(authorization ?? '') ?? []
  if (token === undefined) return undefined
  const grant = state.accessTokens.get(token)
  if (!grant || grant.expiresAt < state.clock.now()) throw unauthorized()
  return grant
}

export function userOfGrant(state: EmulatorState, { user }: OAuthGrant): APIUser {
  return state.members.get(user)!.user
}
