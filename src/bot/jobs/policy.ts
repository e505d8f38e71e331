import { DEFAULT_ENGINE, engineFor, installedEngines } from '../../inference/engines/registry.js'
import type { Edit } from '../../inference/pipeline/edit.js'
import type { Options } from '../../inference/pipeline/options.js'
import { VARIATIONS } from '../../inference/pipeline/request.js'
import { forbiddenWord } from '../../settings/forbidden-word.js'
import { ProblemError } from '../../user-error.js'
import type { Here } from '../request-context.js'

/** What somebody wants, before the server's rules and everybody's defaults. */
export type Wish = {
  readonly edit: Edit
  readonly prompt: string
  readonly variations?: number | undefined
  readonly engine?: string | undefined
  readonly options?: Options | undefined
  readonly spoiler?: boolean | undefined
}

/**
 * Hold a wish to the server's rules, and fill in what it left open: from the person's own defaults, then the server's.
 *
 * @throws ProblemError that says which rule stands against it
 */
export function permitted({ edit, prompt, variations, engine, options, spoiler }: Wish, here: Here) {
  const own = here.settings.person(here.person.id)
  const rules = here.server === undefined ? undefined : here.settings.server(here.server)
  if (rules) {
    const { channels, roles } = rules
    if (channels.length > 0 && !channels.some(id => here.channels.includes(id))) {
      throw new ProblemError({ code: 'channel-not-allowed', channels: channels.map(id => `<#${id}>`).join(' ') })
    }
    if (roles.length > 0 && !roles.some(id => here.person.roles.includes(id))) {
      throw new ProblemError({ code: 'role-not-allowed', roles: roles.map(id => `<@&${id}>`).join(' ') })
    }
    if (rules.restrictedOnly && !here.restricted) throw new ProblemError({ code: 'restricted-only' })
    if (rules.line === 'draining') throw new ProblemError({ code: 'line-draining' })
    const word = forbiddenWord(prompt, rules.forbidden)
    if (word !== undefined) throw new ProblemError({ code: 'word-forbidden', word })
  }
  // A default may name a model that is not installed any more; what was asked for may not.
  const usual = [own.engine, rules?.engine].find(name => installedEngines().some(known => known.name === name))
  const info = engineFor(edit, engine ?? usual ?? DEFAULT_ENGINE)
  const chosen = { ...(rules?.steps !== undefined && { steps: rules.steps }), ...options }
  return {
    engine: info,
    // What an engine has no use for stays out of its recipe.
    options: info.reads && Object.keys(chosen).length > 0 ? chosen : undefined,
    variations: Math.min(variations ?? own.variations ?? VARIATIONS.max, rules?.variations ?? VARIATIONS.max),
    spoiler: spoiler === true || rules?.spoiler === 'always',
    first: rules?.first.some(id => here.person.roles.includes(id)) ?? false,
  }
}
