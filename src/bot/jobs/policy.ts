import { DEFAULT_ENGINE, engineFor, installedEngines } from '../../inference/engines/registry.js'
import type { Edit } from '../../inference/pipeline/edit.js'
import type { DiffusionOptions } from '../../inference/pipeline/options.js'
import { VARIATIONS } from '../../inference/pipeline/request.js'
import { findForbiddenWord } from '../../settings/forbidden-word.js'
import { UserError } from '../../user-error.js'
import type { RequestContext } from '../request-context.js'

/** What somebody wants, before the server's rules and everybody's defaults. */
export type PaintParams = {
  readonly edit: Edit
  readonly prompt: string
  readonly variations?: number | undefined
  readonly engine?: string | undefined
  readonly options?: DiffusionOptions | undefined
  readonly spoiler?: boolean | undefined
}

/**
 * Hold a wish to the server's rules, and fill in what it left open: from the person's own defaults, then the server's.
 *
 * @throws ProblemError that says which rule stands against it
 */
export function applyPolicy({ edit, prompt, variations, engine, options, spoiler }: PaintParams, here: RequestContext) {
  const own = here.settings.person(here.person.id)
  const rules = here.server === undefined ? undefined : here.settings.server(here.server)
  if (rules) {
    const { channels, roles } = rules
    if (channels.length > 0 && !channels.some(id => here.channels.includes(id))) {
      throw new UserError({ code: 'channel-not-allowed', channels: channels.map(id => `<#${id}>`).join(' ') })
    }
    if (roles.length > 0 && !roles.some(id => here.person.roles.includes(id))) {
      throw new UserError({ code: 'role-not-allowed', roles: roles.map(id => `<@&${id}>`).join(' ') })
    }
    if (rules.restrictedOnly && !here.ageRestricted) throw new UserError({ code: 'restricted-only' })
    if (rules.line === 'draining') throw new UserError({ code: 'queue-draining' })
    const word = findForbiddenWord(prompt, rules.forbidden)
    if (word !== undefined) throw new UserError({ code: 'word-forbidden', word })
  }
  // A default may name a model that is not installed any more; what was asked for may not.
  const usual = [own.engine, rules?.engine].find(name => installedEngines().some(known => known.name === name))
  const info = engineFor(edit, engine ?? usual ?? DEFAULT_ENGINE)
  const chosen = { ...(rules?.steps !== undefined && { steps: rules.steps }), ...options }
  return {
    engine: info,
    // What an engine has no use for stays out of its recipe.
    options: info.supportsPrompt && Object.keys(chosen).length > 0 ? chosen : undefined,
    variations: Math.min(variations ?? own.variations ?? VARIATIONS.max, rules?.variations ?? VARIATIONS.max),
    spoiler: spoiler === true || rules?.spoiler === 'always',
    first: rules?.first.some(id => here.person.roles.includes(id)) ?? false,
  }
}
