import type { TestProject } from 'vitest/node'
import { hasRedis, startRedis } from './servers.js'

/** One Redis for the bots of all tests. Each has its own prefix. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const redis = hasRedis ? await startRedis({ appendonly: 'no' }) : undefined
  project.provide('redis', redis?.url)
  return redis?.close
}

declare module 'vitest' {
  interface ProvidedContext {
    redis: string | undefined
  }
}
