import type { ModelSummary } from '../../inference/engines/model-summary.js'

/** How people read it. */
export function kindName(kind: ModelSummary['kind']): string {
  if (kind === 'eraser') return 'object removal'
  return kind === 'segment' ? 'object selection' : kind
}
