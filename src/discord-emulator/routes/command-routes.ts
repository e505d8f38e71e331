import type { APIApplicationCommand, RESTPostAPIApplicationCommandsJSONBody } from 'discord.js'
import { ApiError, cannotRemoveEntryPoint, invalidFormBody } from '../api-errors.js'
import type { EmulatorState } from '../state.js'
import { commandErrors } from '../validate.js'
import { noContent, ok, type Route, type RouteRequest } from './route.js'

type CommandBody = RESTPostAPIApplicationCommandsJSONBody

/** Commands of each type per application and scope. */
const MAX_COMMANDS: Record<number, number> = { 1: 100, 2: 15, 3: 15, 4: 1 }

const ENTRY_POINT = 4

/** The same routes for global commands and those of a server. */
export const commandRoutes: Route[] = ['/applications/{application}', '/applications/{application}/guilds/{guild}']
  .map(base => `${base}/commands`)
  .flatMap((base): Route[] => [
    [`GET ${base}`, (state, request) => ok(commandsInScope(state, request))],
    [
      `PUT ${base}`,
      (state, request) => {
        const wanted = ((request.body as unknown) ?? []) as CommandBody[]
        const known = commandsInScope(state, request)
        const keys = wanted.map(commandKey)
        const twice = keys.filter((key, index) => keys.indexOf(key) !== index)
        throwIfInvalid([
          ...wanted.flatMap(commandErrors),
          ...twice.map(() => 'name: Application command names must be unique'),
        ])
        throwIfTooMany(wanted)
        const lost = known.find(one => one.type === ENTRY_POINT && !keys.includes(commandKey(one)))
        if (lost) throw cannotRemoveEntryPoint()
        for (const { id } of known) state.commands.delete(id)
        const kept = wanted.map(draft => {
          const before = known.find(one => commandKey(one) === commandKey(draft))
          return storeCommand(state, request, before?.id ?? state.nextId(), draft)
        })
        return ok(kept)
      },
    ],
    [
      `POST ${base}`,
      (state, request) => {
        const draft = request.body as CommandBody
        const known = commandsInScope(state, request)
        throwIfInvalid(commandErrors(draft))
        const before = known.find(one => commandKey(one) === commandKey(draft))
        if (!before) throwIfTooMany([...known, draft])
        return ok(storeCommand(state, request, before?.id ?? state.nextId(), draft), before ? 200 : 201)
      },
    ],
    [`GET ${base}/{command}`, (state, request) => ok(commandOf(state, request))],
    [
      `PATCH ${base}/{command}`,
      (state, request) => {
        const { version: _, ...before } = commandOf(state, request)
        const changed = { ...before, ...(request.body as object) } as CommandBody
        throwIfInvalid(commandErrors(changed))
        return ok(storeCommand(state, request, before.id, changed))
      },
    ],
    [
      `DELETE ${base}/{command}`,
      (state, request) => {
        state.commands.delete(commandOf(state, request).id)
        return noContent
      },
    ],
  ])

const commandKey = ({ type, name }: { type?: number | undefined; name: string }) => `${type ?? 1} ${name}`

function commandsInScope(state: EmulatorState, { path }: RouteRequest): APIApplicationCommand[] {
  if (path.application !== state.applicationId) {
    throw new ApiError(403, 20_012, 'You are not authorized to perform this action on this application')
  }
  if (path.guild !== undefined && path.guild !== state.guild.id) throw new ApiError(403, 50_001, 'Missing Access')
  return [...state.commands.values()].filter(one => one.guild_id === path.guild)
}

function commandOf(state: EmulatorState, request: RouteRequest): APIApplicationCommand {
  const found = commandsInScope(state, request).find(one => one.id === request.path.command)
  if (!found) throw new ApiError(404, 10_063, 'Unknown application command')
  return found
}

function storeCommand(
  state: EmulatorState,
  { path }: RouteRequest,
  id: string,
  draft: CommandBody,
): APIApplicationCommand {
  const command = {
    default_member_permissions: null,
    type: 1,
    description: '',
    nsfw: false,
    ...(path.guild === undefined && { dm_permission: true, integration_types: [0], contexts: null }),
    ...draft,
    ...(path.guild !== undefined && { guild_id: path.guild }),
    id,
    application_id: state.applicationId,
    version: state.nextId(),
  } as unknown as APIApplicationCommand
  state.commands.set(id, command)
  return command
}

function throwIfInvalid(errors: readonly string[]): void {
  if (errors.length > 0) throw invalidFormBody(errors)
}

function throwIfTooMany(commands: readonly { type?: number | undefined }[]): void {
  for (const [type, most] of Object.entries(MAX_COMMANDS)) {
    if (commands.filter(one => (one.type ?? 1) === Number(type)).length <= most) continue
    throw new ApiError(400, 30_032, `Maximum number of application commands reached (${most})`)
  }
}
