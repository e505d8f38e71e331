/** Supported execution providers of onnxruntime, fastest first. Which of them work depends on the machine. */
export const EXECUTION_PROVIDERS = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu'] as const

/** Use the fastest device that works. */
export const AUTO_DEVICE = 'auto'

/**
 * Parse `cuda` or `cuda:1`: an execution provider and the index of its card, from 0.
 *
 * @returns undefined if it is neither
 */
export function parseDevice(text: string): { name: string; index: number | undefined } | undefined {
  const [, name, index] = /^(\w+)(?::(\d{1,2}))?$/.exec(text) ?? []
  if (name === undefined || !(EXECUTION_PROVIDERS as readonly string[]).includes(name)) return undefined
  if (index !== undefined && !MULTI_CARD_PROVIDERS.has(name)) return undefined
  return { name, index: index === undefined ? undefined : Number(index) }
}

/** Execution providers that take the index of a card. */
const MULTI_CARD_PROVIDERS: ReadonlySet<string> = new Set(['cuda', 'dml'])
