import type { EngineInfo } from '../inference/engines/engine-info.js'
import type { EngineRegistry } from '../inference/engines/registry.js'
import type { AutocompleteChoice } from './command.js'

/** Models that can begin a picture. */
export function suggestModels(typed: string, engines: EngineRegistry): AutocompleteChoice[] {
  return suggest(
    typed,
    engines.installed().filter(({ traits }) => !traits?.isRefiner),
  )
}

/** Upscalers, the installed ones first. */
export function suggestUpscalers(typed: string, engines: EngineRegistry): AutocompleteChoice[] {
  return suggest(typed, engines.upscalers())
}

/** Models that can continue another one; refiners come first. */
export function suggestRefiners(typed: string, engines: EngineRegistry): AutocompleteChoice[] {
  const models = engines.installed().filter(({ traits }) => traits !== undefined)
  return suggest(
    typed,
    models.toSorted((one, other) => Number(other.traits?.isRefiner) - Number(one.traits?.isRefiner)),
  )
}

function suggest(typed: string, engines: readonly EngineInfo[]): AutocompleteChoice[] {
  return engines
    .filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()))
    .slice(0, 25)
    .map(({ name }) => ({ name, value: name }))
}
