import type { ModelSummary } from '../../inference/engines/model-summary.js'

/** How people read it. */
export function kindName(kind: ModelSummary['kind']): string {
  if (kind === 'eraser') return 'object removal'
  return kind === 'segment' ? 'object selection' : kind
}

/** The kind of a model; of one that denoises, with the channels of its UNet. */
export function describeKind({ kind, channels, tasks }: Pick<ModelSummary, 'kind' | 'channels' | 'tasks'>): string {
  if (kind === 'ControlNet') return `ControlNet, ${describeTasks(tasks)}`
  return ['eraser', 'segment', 'upscaler'].includes(kind) ? kindName(kind) : `${kind}, ${channels} channels`
}

/** What a model takes. */
export function describeInputs({ kind, channels, tasks }: Pick<ModelSummary, 'kind' | 'channels' | 'tasks'>): string {
  if (kind === 'ControlNet') return describeTasks(tasks)
  if (kind === 'eraser') return 'picture, mask'
  if (kind === 'segment') return 'picture, points'
  if (kind === 'upscaler') return 'picture'
  return channels === 9 ? '9 (inpainting)' : String(channels)
}

function describeTasks(tasks: ModelSummary['tasks'] = []): string {
  return tasks.length === 0 ? 'task unknown' : `for ${tasks.join(' and ')}`
}

/** What to do about a ControlNet that doesn’t say what it is for; undefined for all others. */
export function taskAdvice(
  name: string,
  { kind, tasks = [] }: Pick<ModelSummary, 'kind' | 'tasks'>,
): string | undefined {
  if (kind !== 'ControlNet' || tasks.length > 0) return undefined
  const own = name.replace(/^controlnet\//, '')
  return `Nothing says what the ControlNet “${own}” is for, so no model uses it by itself. Run “overscan models task ${own} inpaint”, or tile.`
}
