#!/usr/bin/env node
import { config as loadEnvironment } from 'dotenv'
import { ENV_FILE } from './terminal/env/read.js'
import { runProgram } from './terminal/program.js'

loadEnvironment({ quiet: true, path: ENV_FILE, fast: false })
process.exitCode = await runProgram(process.argv.slice(2))
