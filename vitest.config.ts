import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Tests that paint little: they wait for servers, processes and clocks, or compute on one core, and so can run beside each other. */
const LIGHT = [
  'test/*.test.ts',
  'test/{bench,bot,commands,discord-emulator,docs,e2e,examples,http,i18n,protocol,queue,quotas,settings,tools}/**/*.test.ts',
  'test/inference/{checkpoint,film,image,mask}/**/*.test.ts',
  'test/inference/pipeline/{canvas,edit,recipe,recipe-file}.test.ts',
  'test/inference/runtime/{worker-path,worker-process}.test.ts',
  'test/inference/engines/fill/{completion,straight-edges,presets}.test.ts',
  'test/inference/engines/fill/kernel/*.test.ts',
  'test/inference/onnx/shared-libraries.test.ts',
  'test/cli/*.test.ts',
]

export default defineConfig({
  resolve: {
    alias: [
      // Threads and processes run what was built.
      {
        find: /^(\.\.?\/)+(inference\/|runtime\/)*worker-path\.js$/,
        replacement: fileURLToPath(new URL('test/support/worker-path.ts', import.meta.url)),
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
