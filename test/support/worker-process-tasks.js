// Tasks of worker-process.test.ts, as plain JavaScript: the process loads it without a build.

import { readFileSync } from 'node:fs'

/** @param {{ do: string, value?: unknown }} task */
export default async function runTask(task) {
  switch (task.do) {
    case 'echo':
      return task.value
    case 'die':
      return process.kill(process.pid, 'SIGSEGV')
    case 'grow': {
      const kept = []
      // Without a pause: the loop of this process is blocked.
      while (true) kept.push(Buffer.alloc(16 * 1024 * 1024, 1))
    }
    case 'block':
      while (true);
    case 'fail':
      throw new Error('a bug')
    case 'oom-score':
      return Number(readFileSync('/proc/self/oom_score_adj', 'utf8'))
    case 'environment':
      return { ...process.env }
  }
}
