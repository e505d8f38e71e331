import { Command } from 'commander'
import { cudaRootOf } from '../cuda-root.js'

const CUDA_HINT = '. With an NVIDIA card, run “overscan setup cuda”.'

export function createDevicesCommand(): Command {
  return new Command('devices')
    .description('test every device that can run models on this machine')
    .action(async () => {
      const { readCudaManifest } = await import('../../inference/onnx/cuda-folder.js')
      const { probeDevices } = await import('../../inference/onnx/devices.js')
      for (const device of await probeDevices()) {
        const isWithoutLibraries = device.name === 'cuda' && !readCudaManifest(cudaRootOf(process.env))
        const hint = isWithoutLibraries ? CUDA_HINT : ''
        const state = device.works ? 'works' : `doesn’t work: ${device.reason}${hint}`
        process.stdout.write(`${device.name.padEnd(10)} ${state}\n`)
      }
    })
}
