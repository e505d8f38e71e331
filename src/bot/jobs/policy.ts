import { traitsOf } from '../../inference/engines/default-engine.js'
import type { EngineRegistry } from '../../inference/engines/registry.js'
import { isNotedScratch } from '../../inference/mask/scratch.js'
import { isPlainUpscale } from '../../inference/pipeline/edit.js'
import { VARIATIONS } from '../../inference/pipeline/request.js'
import { findForbiddenWord } from '../../settings/forbidden-word.js'
import type { PersonSettings, ServerSettings } from '../../settings/settings.js'
import { UserError } from '../../user-error.js'
import type { RequestContext } from '../request-context.js'
import type { JobInput, PaintParams } from './paint-params.js'

/**
 * Check a request against the server's rules, and fill in what it leaves open: from the person's own defaults, then from
 * the server's.
 *
 * @throws UserError that names the rule
 */
export function applyPolicy(
  { edit, prompt, variations, engine, options, spoiler, mask }: PaintParams & Pick<JobInput, 'mask'>,
  context: RequestContext,
) {
  const { person, server, settings, engines } = context
  const own = settings.person(person.id)
  const rules = server === undefined ? undefined : settings.server(server)
  if (rules) assertAllowed(rules, prompt, context)
  // The defaults are models that paint.
  const isPlain = isPlainUpscale(edit)
  const traits = traitsOf(edit, mask && isNotedScratch(mask))
  const chosen = isPlain ? chosenUpscaler(rules, engines) : chosenDefault(own, rules, engines)
  const info = engines.forEdit(traits, engine ?? chosen, prompt)
  const defaults = {
    ...(rules?.steps !== undefined && { steps: rules.steps }),
    ...(rules?.colorMatch === false && { colorMatch: false }),
  }
  const merged = { ...defaults, ...options }
  return {
    engine: info,
    // Options that the engine ignores stay out of its recipe.
    options: info.supportsPrompt && Object.keys(merged).length > 0 ? merged : undefined,
    variations:
      edit.kind === 'upscale'
        ? VARIATIONS.min
        : Math.min(variations ?? own.variations ?? VARIATIONS.max, rules?.variations ?? VARIATIONS.max),
    spoiler: spoiler === true || rules?.spoiler === 'always',
    first: rules?.first.some(id => person.roles.includes(id)) ?? false,
  }
}

/** The default of the person or else of the server. It may name a model that is no longer installed; a request may not. */
export function chosenDefault(
  own: PersonSettings,
  rules: ServerSettings | undefined,
  engines: EngineRegistry,
): string | undefined {
  const installed = engines.installed()
  return [own.engine, rules?.engine].find(name => installed.some(known => known.name === name))
}

/** The server's default. It may name an upscaler that is no longer installed. */
function chosenUpscaler(rules: ServerSettings | undefined, engines: EngineRegistry): string | undefined {
  return engines.upscalers().find(({ name }) => name === rules?.upscaler)?.name
}

/** @throws UserError that names the rule */
function assertAllowed(rules: ServerSettings, prompt: string, context: RequestContext): void {
  const { channels, roles } = rules
  if (channels.length > 0 && !channels.some(id => context.channels.includes(id))) {
    throw new UserError({ code: 'channel-not-allowed', channels: channels.map(id => `<#${id}>`).join(' ') })
  }
  if (roles.length > 0 && !roles.some(id => context.person.roles.includes(id))) {
    throw new UserError({ code: 'role-not-allowed', roles: roles.map(id => `<@&${id}>`).join(' ') })
  }
  if (rules.restrictedOnly && !context.ageRestricted) throw new UserError({ code: 'restricted-only' })
  if (rules.line === 'draining') throw new UserError({ code: 'queue-draining' })
  const word = findForbiddenWord(prompt, rules.forbidden)
  if (word !== undefined) throw new UserError({ code: 'word-forbidden', word })
}
