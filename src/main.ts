#!/usr/bin/env node
import { config as loadEnvironment } from 'dotenv'
import { ENV_FILE } from './cli/env/read-config.js'
import { runProgram } from './cli/program.js'

loadEnvironment({ quiet: true, path: ENV_FILE, fast: false })
process.exitCode = await runProgram(process.argv.slice(2))
