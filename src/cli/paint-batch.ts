import { basename } from 'node:path'
import { type Problem, UserError } from '../user-error.js'
import { type BatchInput, hasResults, maskFor } from './batch-inputs.js'
import { reportError } from './error-report.js'
import { openFilePainter, type PaintFileResult, type PaintHooks, type PaintSettings } from './paint-file.js'

/** What became of one picture of a batch. */
export type BatchOutcome = { readonly source: string } & (
  | { readonly skipped: true }
  /** The exit code that this error would end the program with. */
  | { readonly problem?: Problem; readonly message: string; readonly exitCode: number }
  | PaintFileResult
)

export type BatchHooks = PaintHooks & {
  /** @param number of the picture, from 1 */
  readonly onStart: (number: number, name: string) => void
  readonly onOutcome: (outcome: BatchOutcome) => void
}

/**
 * Paint pictures one after the other. One that fails does not stop the others.
 *
 * @throws UserError for invalid settings, `cancelled`
 */
export async function paintBatch(
  inputs: readonly BatchInput[],
  settings: PaintSettings & { readonly mask?: string | undefined; readonly skipExisting: boolean },
  { onStart, onOutcome, ...hooks }: BatchHooks,
): Promise<BatchOutcome[]> {
  const painter = openFilePainter(settings)
  const outcomes: BatchOutcome[] = []
  try {
    for (const [index, { source, name }] of inputs.entries()) {
      onStart(index + 1, basename(source))
      const outcome = await outcomeOf(source, async () => {
        if (settings.skipExisting && (await hasResults({ source, name }, settings))) return { skipped: true } as const
        return painter.paint({ source, name, mask: await maskFor(source, settings.mask) }, hooks)
      })
      hooks.signal.throwIfAborted()
      onOutcome(outcome)
      outcomes.push(outcome)
    }
  } finally {
    await painter.close()
  }
  return outcomes
}

async function outcomeOf(
  source: string,
  run: () => Promise<PaintFileResult | { readonly skipped: true }>,
): Promise<BatchOutcome> {
  try {
    return { source, ...(await run()) }
  } catch (error) {
    const problem = error instanceof UserError ? error.problem : undefined
    if (problem?.code === 'cancelled') throw error
    const { text, exitCode } = reportError(error)
    return { source, ...(problem && { problem }), message: text, exitCode }
  }
}
