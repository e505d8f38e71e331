import { Command } from 'commander'
import type { DoctorOptions } from '../doctor/doctor.js'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look whether all is there that the bot needs, and say what to do where it is not; changes nothing')
    .option('--server <id>', 'only this server, instead of all that the bot is in')
    .option('--channel <id>', 'this channel of it')
    .option('--deep', 'models compute a step each, which may take minutes')
    .option('--json', 'print one JSON object instead of lines')
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('../doctor/doctor.js')
      if (!(await doctor(process.env, options))) process.exitCode = 2
    })
}
