#!/usr/bin/env node
import { runProgram } from './terminal/program.js'

process.exitCode = await runProgram(process.argv.slice(2))
