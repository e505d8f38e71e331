import { compareParityCases, type ParityResult } from './compare.js'

// npm run parity -- CASES_DIR: see compare.ts for what a case is.

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('Say which folder the cases are in: npm run parity -- CASES_DIR\n')
  process.exit(2)
}
const tally = { same: 0, different: 0, failed: 0 }
let largest = 0
for await (const result of compareParityCases(folder)) {
  process.stdout.write(`${describe(result)}\n`)
  if (result.of === 'error') tally.failed++
  else if (result.isSame) tally.same++
  else tally.different++
  if (result.of === 'latents') largest = Math.max(largest, result.largest)
}
process.stdout.write(`${tally.same} the same, ${tally.different} different, ${tally.failed} failed; `)
process.stdout.write(`largest difference ${largest.toPrecision(3)} of the largest latent\n`)
// No cases at all is an error too.
if (tally.different + tally.failed > 0 || tally.same === 0) process.exitCode = 1

function describe(result: ParityResult): string {
  if (result.of === 'error') return `FAILED    ${result.name}: ${result.message}`
  const { name, isSame, of, bound } = result
  const unit = of === 'latents' ? 'of the largest latent' : 'grey levels'
  const figures = `largest ${result.largest.toPrecision(3)}, mean ${result.mean.toPrecision(3)} ${unit}`
  const reason = bound.reason === undefined ? '' : `: ${bound.reason}`
  return `${isSame ? 'same     ' : 'DIFFERENT'} ${name}, ${of}: ${figures} (bound ${bound.largest}${reason})`
}
