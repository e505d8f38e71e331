import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { UserError } from '../../../user-error.js'

/** The oldest driver that runs CUDA 13: NVIDIA's CUDA compatibility guide. */
const MIN_DRIVER = 580

/** The oldest compute capability that CUDA 13 computes on (Turing): NVIDIA's CUDA 13.0 release notes. */
const MIN_COMPUTE_CAPABILITY = 7.5

/** The suffix of wheels for this machine, like `x86_64`. @throws UserError `cuda-platform-unsupported` */
export function wheelArchitecture(platform: string): string {
  const architecture = ({ 'linux-x64': 'x86_64', 'linux-arm64': 'aarch64' } as const)[platform]
  if (architecture !== undefined) return architecture
  const instead = ({ win32: 'dml', darwin: 'coreml' } as const)[platform.split('-')[0]!] ?? 'webgpu'
  throw new UserError({ code: 'cuda-platform-unsupported', platform, instead })
}

/** The version of glibc, like `2.36`; undefined on a Linux with another C library. */
export function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime
}

/** @throws UserError `cuda-card-missing`, `cuda-driver-too-old`, `cuda-card-too-old` */
export async function assertCard(): Promise<void> {
  const [driver] = await queryCards('driver_version')
  if (driver === undefined) throw new UserError({ code: 'cuda-card-missing' })
  if (Number.parseInt(driver, 10) < MIN_DRIVER)
    throw new UserError({ code: 'cuda-driver-too-old', driver, needs: MIN_DRIVER })
  const capabilities = (await queryCards('compute_cap')).map(Number).filter(Number.isFinite)
  if (capabilities.length === 0 || capabilities.some(one => one >= MIN_COMPUTE_CAPABILITY)) return
  const [card = ''] = await queryCards('name')
  throw new UserError({ code: 'cuda-card-too-old', card })
}

/** A property of each NVIDIA card; empty if there is no card or no driver. */
async function queryCards(property: string): Promise<string[]> {
  try {
    const args = [`--query-gpu=${property}`, '--format=csv,noheader']
    const { stdout } = await promisify(execFile)('nvidia-smi', args, { timeout: 10_000 })
    return stdout.split('\n').flatMap(line => line.trim() || [])
  } catch {
    return []
  }
}
