import type { ModelSummary } from '../../inference/engines/model-summary.js'

/** How people read it. */
export function kindName(kind: ModelSummary['kind']): string {
  if (kind === 'eraser') return 'object removal'
  return kind === 'segment' ? 'object selection' : kind
}

/** The kind of a model; of one that denoises, with the channels of its UNet. */
export function describeKind(kind: ModelSummary['kind'], channels: number): string {
  return ['eraser', 'segment', 'upscaler'].includes(kind) ? kindName(kind) : `${kind}, ${channels} channels`
}

/** What a model takes. */
export function describeInputs({ kind, channels }: Pick<ModelSummary, 'kind' | 'channels'>): string {
  if (kind === 'eraser') return 'picture, mask'
  if (kind === 'segment') return 'picture, points'
  if (kind === 'upscaler') return 'picture'
  return channels === 9 ? '9 (inpainting)' : String(channels)
}
