import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Tests that paint little: they wait for servers, processes and clocks, or compute on one core, and so can run beside each other. */
const LIGHT = [
  'test/*.test.ts',
  'test/{bot,commands,docs,e2e,examples,limits,pages,playground,queue,settings,tools,words}/**/*.test.ts',
  'test/inference/{checkpoint,files,masks,journey}/**/*.test.ts',
  'test/inference/{beside,canvas,edit,recipe}.test.ts',
  'test/inference/engines/fill/{complete,kernel,lines,methods}.test.ts',
  'test/inference/onnx/libraries.test.ts',
  'test/terminal/*.test.ts',
]

export default defineConfig({
  resolve: {
    alias: [
      // Threads and processes run what was built.
      {
        find: /^(\.\.?\/)+(inference\/)?beside\.js$/,
        replacement: fileURLToPath(new URL('test/support/beside.ts', import.meta.url)),
      },
    ],
  },
  test: {
    globalSetup: ['test/support/build.ts', 'test/support/database.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'light', include: LIGHT, maxWorkers: 3, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'heavy',
          include: ['test/**/*.test.ts'],
          exclude: LIGHT,
          // Painting takes every core: two test files at once would only wait for each other.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
