import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const TORCH = fileURLToPath(new URL('../tools/reference/unet_step.py', import.meta.url))

/**
 * torch in a child process that runs steps of Stable Diffusion 1.5's UNet on request: on the CPU with a thread per
 * core, or on a GPU in half precision.
 */
export async function torchSteps(python: string, channels: number, device: 'cpu' | 'cuda' = 'cpu') {
  const arguments_ = [TORCH, String(channels), String(availableParallelism()), device]
  // No busy waiting: torch's idle threads would take cores from the process that runs next.
  const env = { ...process.env, OMP_WAIT_POLICY: 'PASSIVE', KMP_BLOCKTIME: '0' }
  const child = spawn(python, arguments_, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('torch ended before its time')
    return value
  }
  await line()
  return {
    /** Seconds. */
    async step(): Promise<number> {
      child.stdin.write('\n')
      return Number(await line())
    },
    end: () => child.stdin.end(),
  }
}

export function roundToSignificant(value: number): number {
  return Number(value.toPrecision(3))
}
