/** Execution providers that models may be computed on, the fastest first; which of them there are depends on the machine. */
export const EXECUTION_PROVIDERS = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu'] as const

/** Take the fastest that works. */
export const AUTO_DEVICE = 'auto'

/** What can be asked for: an execution provider and, where a machine has several cards, which of them, from 0. */
export function parseDevice(text: string): { name: string; index: number | undefined } | undefined {
  const [, name, index] = /^(\w+)(?::(\d{1,2}))?$/.exec(text) ?? []
  if (name === undefined || !(EXECUTION_PROVIDERS as readonly string[]).includes(name)) return undefined
  if (index !== undefined && !MULTI_CARD_PROVIDERS.has(name)) return undefined
  return { name, index: index === undefined ? undefined : Number(index) }
}

/** Execution providers that can be told which card to take. */
const MULTI_CARD_PROVIDERS: ReadonlySet<string> = new Set(['cuda', 'dml'])
