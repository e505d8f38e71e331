import type { APIApplicationCommand, RESTPostAPIApplicationCommandsJSONBody } from 'discord.js'
import { ApiError, cannotRemoveEntryPoint, invalidFormBody } from '../api-errors.js'
import { commandErrors } from '../validate.js'
import type { EmulatorState } from '../world.js'
import { noContent, ok, type Route, type RouteRequest } from './route.js'

type Draft = RESTPostAPIApplicationCommandsJSONBody

/** How many commands of each type an application may have, in each scope. */
const MOST: Record<number, number> = { 1: 100, 2: 15, 3: 15, 4: 1 }

const ENTRY_POINT = 4

/** The same routes for commands everywhere and for those of one server. */
export const commandRoutes: Route[] = ['/applications/{application}', '/applications/{application}/guilds/{guild}']
  .map(base => `${base}/commands`)
  .flatMap((base): Route[] => [
    [`GET ${base}`, (world, request) => ok(inScope(world, request))],
    [
      `PUT ${base}`,
      (world, request) => {
        const wanted = ((request.body as unknown) ?? []) as Draft[]
        const known = inScope(world, request)
        const keys = wanted.map(keyOf)
        const twice = keys.filter((key, index) => keys.indexOf(key) !== index)
        refuse([...wanted.flatMap(commandErrors), ...twice.map(() => 'name: Application command names must be unique')])
        refuseTooMany(wanted)
        const lost = known.find(one => one.type === ENTRY_POINT && !keys.includes(keyOf(one)))
        if (lost) throw cannotRemoveEntryPoint()
        for (const { id } of known) world.commands.delete(id)
        const kept = wanted.map(draft => {
          const before = known.find(one => keyOf(one) === keyOf(draft))
          return keep(world, request, before?.id ?? world.id(), draft)
        })
        return ok(kept)
      },
    ],
    [
      `POST ${base}`,
      (world, request) => {
        const draft = request.body as Draft
        const known = inScope(world, request)
        refuse(commandErrors(draft))
        const before = known.find(one => keyOf(one) === keyOf(draft))
        if (!before) refuseTooMany([...known, draft])
        return ok(keep(world, request, before?.id ?? world.id(), draft), before ? 200 : 201)
      },
    ],
    [`GET ${base}/{command}`, (world, request) => ok(commandOf(world, request))],
    [
      `PATCH ${base}/{command}`,
      (world, request) => {
        const { version: _, ...before } = commandOf(world, request)
        const changed = { ...before, ...(request.body as object) } as Draft
        refuse(commandErrors(changed))
        return ok(keep(world, request, before.id, changed))
      },
    ],
    [
      `DELETE ${base}/{command}`,
      (world, request) => {
        world.commands.delete(commandOf(world, request).id)
        return noContent
      },
    ],
  ])

const keyOf = ({ type, name }: { type?: number | undefined; name: string }) => `${type ?? 1} ${name}`

function inScope(world: EmulatorState, { path }: RouteRequest): APIApplicationCommand[] {
  if (path.application !== world.applicationId) {
    throw new ApiError(403, 20_012, 'You are not authorized to perform this action on this application')
  }
  if (path.guild !== undefined && path.guild !== world.guild.id) throw new ApiError(403, 50_001, 'Missing Access')
  return [...world.commands.values()].filter(one => one.guild_id === path.guild)
}

function commandOf(world: EmulatorState, request: RouteRequest): APIApplicationCommand {
  const found = inScope(world, request).find(one => one.id === request.path.command)
  if (!found) throw new ApiError(404, 10_063, 'Unknown application command')
  return found
}

function keep(world: EmulatorState, { path }: RouteRequest, id: string, draft: Draft): APIApplicationCommand {
  const command = {
    default_member_permissions: null,
    type: 1,
    description: '',
    nsfw: false,
    ...(path.guild === undefined && { dm_permission: true, integration_types: [0], contexts: null }),
    ...draft,
    ...(path.guild !== undefined && { guild_id: path.guild }),
    id,
    application_id: world.applicationId,
    version: world.id(),
  } as unknown as APIApplicationCommand
  world.commands.set(id, command)
  return command
}

function refuse(errors: readonly string[]): void {
  if (errors.length > 0) throw invalidFormBody(errors)
}

function refuseTooMany(commands: readonly { type?: number | undefined }[]): void {
  for (const [type, most] of Object.entries(MOST)) {
    if (commands.filter(one => (one.type ?? 1) === Number(type)).length <= most) continue
    throw new ApiError(400, 30_032, `Maximum number of application commands reached (${most})`)
  }
}
