import { Command } from 'commander'
import { parsePersonId } from './arguments.js'

export function forgetCommand(): Command {
  return new Command('forget')
    .description('delete what is kept of a person, as /forget-me does for those who can still type it')
    .argument('<person>', 'their id at Discord', parsePersonId)
    .action(async (person: string) => {
      const { forgetPerson } = await import('../forget-person.js')
      const { settings, jobs } = await forgetPerson(person, process.env)
      process.stdout.write(`${settings ? 'Settings deleted' : 'There were no settings'}; ${jobs} jobs cancelled.\n`)
    })
}
