import { randomBytes } from 'node:crypto'
import type { APIUser } from 'discord.js'
import { invalidActivityAction, OAuthError, unauthorized } from './api-errors.js'
import { type ActivityInstance, type EmulatorState, notifyChange, type OAuthGrant } from './state.js'

/** How long an OAuth 2 code and an access token are valid. */
const CODE_LIFE_MS = 10 * 60_000
const ACCESS_TOKEN_LIFE_MS = 7 * 24 * 60 * 60_000

/** RPC error codes of Discord's client. */
export const INVALID_COMMAND = 4002
const OAUTH2_ERROR = 5000
const INVALID_TOKEN = 4009

/** Discord's client refuses an RPC command. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

/** Open the Activity in a channel, or join the instance that runs there. @throws ApiError if Activities are off */
export function joinActivity(state: EmulatorState, channelId: string, userId: string): ActivityInstance {
  if (!state.activities) throw invalidActivityAction()
  const existing = [...state.activityInstances.values()].find(one => one.channelId === channelId)
  const instance = existing ?? openInstance(state, channelId)
  instance.users.add(userId)
  notifyChange(state)
  return instance
}

function openInstance(state: EmulatorState, channelId: string): ActivityInstance {
  const launchId = state.nextId()
  const channel = state.channels.get(channelId)!
  const location = 'guild_id' in channel ? `gc-${channel.guild_id}-${channelId}` : `pc-${channelId}`
  const instance = { id: `i-${launchId}-${location}`, launchId, channelId, users: new Set<string>() }
  state.activityInstances.set(instance.id, instance)
  return instance
}

/** The instance ends when the last user leaves. */
export function leaveActivity(state: EmulatorState, id: string, userId: string): void {
  const instance = state.activityInstances.get(id)
  instance?.users.delete(userId)
  if (instance?.users.size === 0) state.activityInstances.delete(id)
  notifyChange(state)
}

/** Answer an RPC command of an Activity as the client of `user` does. @throws RpcError */
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
      state.authorizationCodes.set(code, { user: user.id, scopes, expiresAt: state.clock.now() + CODE_LIFE_MS })
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

/** Exchange a code for an access token. A code works once. @throws OAuthError */
export function exchangeCode(state: EmulatorState, body: Readonly<Record<string, string>>) {
  if (body.client_id !== state.applicationId || body.client_secret !== state.clientSecret) {
    throw new OAuthError(401, 'invalid_client', 'Invalid client credentials')
  }
  if (body.grant_type !== 'authorization_code') {
    throw new OAuthError(400, 'unsupported_grant_type', 'Grant type is not supported')
  }
  const grant = state.authorizationCodes.get(body.code ?? '')
  state.authorizationCodes.delete(body.code ?? '')
  if (!grant || grant.expiresAt < state.clock.now()) {
    throw new OAuthError(400, 'invalid_grant', 'Invalid "code" in request.')
  }
  const token = randomBytes(15).toString('base64url')
  state.accessTokens.set(token, { ...grant, expiresAt: state.clock.now() + ACCESS_TOKEN_LIFE_MS })
  return {
    token_type: 'Bearer',
    access_token: token,
    expires_in: ACCESS_TOKEN_LIFE_MS / 1000,
    refresh_token: randomBytes(15).toString('base64url'),
    scope: grant.scopes.join(' '),
  }
}

/** The grant of a bearer token; undefined if the header holds no bearer token. @throws ApiError 401 */
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
