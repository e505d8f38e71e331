#!/usr/bin/env node
import { exitSoon } from './cli/closing.js'
import { errorLines, reportError } from './cli/error-report.js'
import { runProgram } from './cli/program.js'

// Work in the background has nobody to tell. The process can't know what still works, so it ends.
process.once('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' && error.syscall === 'write') process.exit(141) // the reader of the output is gone, as after “| head”
  const report = reportError(error)
  process.stderr.write(errorLines(report))
  process.exit(report.exitCode)
})
exitSoon(await runProgram(process.argv.slice(2)))
