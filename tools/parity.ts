import { compareParityCases } from './compare.js'

// npm run parity -- CASES_DIR: see compare.ts for what a case is.

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('Say which folder the cases are in: npm run parity -- CASES_DIR\n')
  process.exit(2)
}
let [same, different] = [0, 0]
for await (const { name, isSame, of, largest, mean } of compareParityCases(folder)) {
  if (isSame) same++
  else different++
  const unit = of === 'latents' ? 'of the largest latent' : 'grey levels'
  const figures = `largest ${largest.toPrecision(3)}, mean ${mean.toPrecision(3)} ${unit}`
  process.stdout.write(`${isSame ? 'same     ' : 'DIFFERENT'} ${name}, ${of}: ${figures}\n`)
}
process.stdout.write(`${same} the same, ${different} different\n`)
// No cases at all is an error too.
if (different > 0 || same === 0) process.exitCode = 1
