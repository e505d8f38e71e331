import { Command } from 'commander'
import type { DoctorOptions } from '../doctor/doctor.js'

export function createDoctorCommand(): Command {
  return new Command('doctor')
    .description(
      'check everything that the bot needs, and say how to fix problems; without --repair it changes nothing',
    )
    .option('--server <id>', 'check only this server')
    .option('--channel <id>', 'check only this channel')
    .option('--deep', 'also run one step of every model; this can take minutes')
    .option('--repair', 'first move a damaged database of the queue away; stop the bot before')
    .option('--json', 'print one JSON object instead of text')
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('../doctor/doctor.js')
      if (!(await doctor(process.env, options))) process.exitCode = 2
    })
}
