import { Command } from 'commander'
import { LANE_MEGAPIXELS } from '../../queue/lanes.js'
import { parseLaneMegapixels, parseList } from './arguments.js'

export function createWorkerCommand(): Command {
  return new Command('worker')
    .description('paint for bots that share REDIS_URL or DATABASE_URL')
    .option('--engines <names>', 'paint only with these models, separated by commas', parseList)
    .option(
      '--largest <megapixels>',
      `paint only pictures up to this size: ${LANE_MEGAPIXELS.join(', ')}`,
      parseLaneMegapixels,
    )
    .action(async ({ engines, largest }: { engines?: readonly string[]; largest?: number }) => {
      const { runWorker } = await import('../run.js')
      const capability = { ...(engines && { engines }), ...(largest !== undefined && { maxMegapixels: largest }) }
      return runWorker(capability, process.env)
    })
}
