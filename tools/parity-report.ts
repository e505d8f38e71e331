import { compareParityCases, type ParityResult } from './compare.js'

/**
 * Compare all cases of a folder.
 *
 * @param writeLine gets a line for each result, and one for all
 * @returns whether there are cases, and all of them are the same
 */
export async function reportParity(folder: string, writeLine: (line: string) => void): Promise<boolean> {
  const tally = { same: 0, different: 0, failed: 0 }
  let largest = 0
  for await (const result of compareParityCases(folder)) {
    writeLine(describe(result))
    if (result.of === 'error') tally.failed++
    else if (result.isSame) tally.same++
    else tally.different++
    if (result.of === 'latents') largest = Math.max(largest, result.largest)
  }
  const counts = `${tally.same} the same, ${tally.different} different, ${tally.failed} failed`
  writeLine(`${counts}; largest difference ${largest.toPrecision(3)} of the largest latent`)
  return tally.different + tally.failed === 0 && tally.same > 0
}

function describe(result: ParityResult): string {
  if (result.of === 'error') return `FAILED    ${result.name}: ${result.message}`
  const { name, isSame, of, bound } = result
  const unit = of === 'latents' ? 'of the largest latent' : 'grey levels'
  const figures = `largest ${result.largest.toPrecision(3)}, mean ${result.mean.toPrecision(3)} ${unit}`
  const reason = bound.reason === undefined ? '' : `: ${bound.reason}`
  return `${isSame ? 'same     ' : 'DIFFERENT'} ${name}, ${of}: ${figures} (bound ${bound.largest}${reason})`
}
