import { Command } from 'commander'

export function devicesCommand(): Command {
  return new Command('devices')
    .description('what onnxruntime can compute on here: each execution provider, tried')
    .action(async () => {
      const { probeDevices } = await import('../../inference/onnx/devices.js')
      for (const device of await probeDevices()) {
        const state = device.works ? 'works' : `does not work: ${device.reason}`
        process.stdout.write(`${device.name.padEnd(10)} ${state}\n`)
      }
    })
}
