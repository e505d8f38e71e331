#!/usr/bin/env node
import modules from 'node:module'
import { config as loadEnvironment } from 'dotenv'

// From Node 22 on what was compiled is kept for the next start, in the folder for temporary files; Node 20 does not know how.
;(modules as { enableCompileCache?: () => void }).enableCompileCache?.()
loadEnvironment({ quiet: true })
// Later than that, so that it is kept as well.
const { runProgram } = await import('./terminal/program.js')
process.exitCode = await runProgram(process.argv.slice(2))
