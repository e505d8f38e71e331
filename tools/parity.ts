import { reportParity } from './parity-report.js'

// npm run parity -- CASES_DIR: see compare.ts for what a case is.

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('Say which folder the cases are in: npm run parity -- CASES_DIR\n')
  process.exit(2)
}
if (!(await reportParity(folder, line => process.stdout.write(`${line}\n`)))) process.exitCode = 1
