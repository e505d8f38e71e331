#!/usr/bin/env node
import { config as loadEnvironment } from 'dotenv'
import { runProgram } from './terminal/program.js'

loadEnvironment({ quiet: true })
process.exitCode = await runProgram(process.argv.slice(2))
