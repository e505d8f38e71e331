import type { ModelSummary } from '../../inference/engines/model-summary.js'

/** How people read it. */
export function kindName(kind: ModelSummary['kind']): string {
  return kind === 'eraser' ? 'object removal' : kind
}
