import { Command } from 'commander'

export function createDevicesCommand(): Command {
  return new Command('devices')
    .description('test every device that can run models on this machine')
    .action(async () => {
      const { probeDevices } = await import('../../inference/onnx/devices.js')
      for (const device of await probeDevices()) {
        const state = device.works ? 'works' : `doesn’t work: ${device.reason}`
        process.stdout.write(`${device.name.padEnd(10)} ${state}\n`)
      }
    })
}
