import { join } from 'node:path'
import { Command, Option } from 'commander'
import { parseEnvVars } from '../../config.js'
import type { PictureObject } from '../../inference/segment/object-search.js'
import type { SegmentSize } from '../../inference/segment/prompt.js'
import type { ObjectSelector, SelectedObject } from '../../inference/segment/select.js'
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

type SelectOptions = SelectionOptions & {
  output: string
  all?: boolean
  size?: SegmentSize
  grow?: number
  json?: boolean
}

export function createSelectCommand(): Command {
  const command = new Command('select')
    .description('select an object by points or a box, or find all objects, and write their masks')
    .argument('<picture>', 'picture file')
    .requiredOption(
      '-o, --output <path>',
      'file for the mask: PNG, white where the object is; with --all a folder for all of them',
    )
  return addSelectionFlags(command)
    .addOption(
      new Option('--all', 'find all objects: write a numbered overlay, and the mask of each').conflicts([
        'at',
        'notAt',
        'box',
        'size',
      ]),
    )
    .option('--size <size>', OBJECT_SIZE_HELP, parseObjectSize)
    .option('--grow <pixels>', OBJECT_GROW_HELP, parseGrow)
    .option('--json', 'print one JSON object instead of text')
    .action(async (picture: string, options: SelectOptions) => {
      const { openObjectSelector } = await import('../../inference/segment/select.js')
      const selector = openObjectSelector(parseEnvVars(process.env, ['MODEL_FOLDER']).MODEL_FOLDER)
      try {
        const output = options.all
          ? await writeAll(selector, picture, options)
          : await writeOne(selector, picture, options)
        process.stdout.write(options.json ? `${JSON.stringify(output.json)}\n` : output.text)
      } finally {
        await selector.close()
      }
    })
}

type Output = { readonly json: object; readonly text: string }

/** @throws UserError `selection-empty` and those of the selector */
async function writeOne(
  selector: ObjectSelector,
  picture: string,
  { output, size, grow, json: _, all: __, ...where }: SelectOptions,
): Promise<Output> {
  const request = objectRequest(where, size, grow)
  if (!request) throw new UserError({ code: 'selection-empty' })
  const { encodeMask, readInput, writeOutput } = await importFileTools()
  const selected = await selector.select(await readInput(picture), request)
  await writeOutput(output, await encodeMask(selected.mask))
  return { json: jsonOf(output, selected), text: describe(output, selected) }
}

/** The overlay is `objects.webp`, the masks are `object-1.png` and so on, the largest first. */
async function writeAll(selector: ObjectSelector, picture: string, { output, grow }: SelectOptions): Promise<Output> {
  const [{ encodeMask, createOutputFolder, readInput, writeOutput }, { renderObjects }] = await Promise.all([
    importFileTools(),
    import('../../inference/mask/draw-objects.js'),
  ])
  const file = await readInput(picture)
  const objects = await selector.findObjects(file, grow)
  await createOutputFolder(output)
  const overlay = join(output, 'objects.webp')
  const masks = objects.map(({ mask }) => mask)
  await writeOutput(overlay, await renderObjects(file, masks))
  const named = objects.map((object, index) => ({ object, file: join(output, `object-${index + 1}.png`) }))
  for (const { object, file: name } of named) await writeOutput(name, await encodeMask(object.mask))
  const lines = named.map(({ object, file: name }) => describe(name, object))
  return {
    json: { overlay, objects: named.map(({ object, file: name }) => jsonOf(name, object)) },
    text: [`${overlay}: the picture with the ${objects.length} objects numbered\n`, ...lines].join(''),
  }
}

async function importFileTools() {
  const [{ encodeMask }, { readInput }, files] = await Promise.all([
    import('../../inference/image/mask-file.js'),
    import('../picture-files.js'),
    import('../paint-file.js'),
  ])
  return { encodeMask, readInput, ...files }
}

function jsonOf(file: string, { mask, share, iou }: SelectedObject | PictureObject) {
  return { file, width: mask.width, height: mask.height, share, iou }
}

function describe(file: string, { mask, share }: SelectedObject | PictureObject): string {
  return `${file} (${mask.width}×${mask.height}): the object is ${(share * 100).toFixed(1)}% of the picture\n`
}
