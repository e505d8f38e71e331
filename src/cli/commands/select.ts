import { Command } from 'commander'
import { parseEnvVars } from '../../config.js'
import type { SegmentSize } from '../../inference/segment/prompt.js'
import type { SelectedObject } from '../../inference/segment/select.js'
import { UserError } from '../../user-error.js'
import {
  addSelectionFlags,
  OBJECT_GROW_HELP,
  OBJECT_SIZE_HELP,
  objectRequest,
  parseGrow,
  parseObjectSize,
  type SelectionOptions,
} from './selection-flags.js'

type SelectOptions = SelectionOptions & { output: string; size?: SegmentSize; grow?: number; json?: boolean }

export function createSelectCommand(): Command {
  const command = new Command('select')
    .description('select an object by points or a box, and write its mask')
    .argument('<picture>', 'picture file')
    .requiredOption('-o, --output <file>', 'file for the mask: PNG, white where the object is')
  return addSelectionFlags(command)
    .option('--size <size>', OBJECT_SIZE_HELP, parseObjectSize)
    .option('--grow <pixels>', OBJECT_GROW_HELP, parseGrow)
    .option('--json', 'print one JSON object instead of text')
    .action(async (picture: string, { output, size, grow, json, ...where }: SelectOptions) => {
      const request = objectRequest(where, size, grow)
      if (!request) throw new UserError({ code: 'selection-empty' })
      const [{ openObjectSelector }, { encodeMask }, { readInput, writeOutput }] = await Promise.all([
        import('../../inference/segment/select.js'),
        import('../../inference/image/mask-file.js'),
        import('../paint-file.js'),
      ])
      const selector = openObjectSelector(parseEnvVars(process.env, ['MODEL_FOLDER']).MODEL_FOLDER)
      try {
        const selected = await selector.select(await readInput(picture), request)
        await writeOutput(output, await encodeMask(selected.mask))
        process.stdout.write(json ? `${JSON.stringify(jsonOf(output, selected))}\n` : describe(output, selected))
      } finally {
        await selector.close()
      }
    })
}

function jsonOf(file: string, { mask, share, iou }: SelectedObject) {
  return { file, width: mask.width, height: mask.height, share, iou }
}

function describe(file: string, { mask, share }: SelectedObject): string {
  return `${file} (${mask.width}×${mask.height}): the object is ${(share * 100).toFixed(1)}% of the picture\n`
}
