import { setFlagsFromString } from 'node:v8'

// A database that a test embedded has turned off the optimization of WebAssembly in this process. The next test may paint.
for (const flag of ['--wasm-tier-up', '--wasm-dynamic-tiering', '--no-wasm-lazy-validation']) setFlagsFromString(flag)
