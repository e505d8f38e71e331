import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A stand-in for NVIDIA's program, in a folder for `PATH`.
 *
 * @param properties what it answers, by the value of `--query-gpu`
 */
export async function writeNvidiaSmi(folder: string, properties: Readonly<Record<string, string>>): Promise<void> {
  const answers = Object.entries(properties).map(([name, value]) => `--query-gpu=${name}) echo '${value}';;`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'nvidia-smi'), `#!/bin/sh\ncase "$1" in\n${answers.join('\n')}\n*) exit 2;;\nesac\n`)
  await chmod(join(folder, 'nvidia-smi'), 0o755)
}
