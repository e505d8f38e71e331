import { Command } from 'commander'
import { parsePersonId } from './arguments.js'

export function createForgetCommand(): Command {
  return new Command('forget')
    .description('delete the data of a person, like /forget-me')
    .argument('<person>', 'Discord user ID', parsePersonId)
    .action(async (person: string) => {
      const { forgetPerson } = await import('../forget-person.js')
      const { settings, jobs } = await forgetPerson(person, process.env)
      process.stdout.write(`${settings ? 'Settings deleted' : 'No settings found'}. Cancelled requests: ${jobs}.\n`)
    })
}
