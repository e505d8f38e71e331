import { formatBytes } from '../text-table.js'

/** What is added to the model folder. */
export type ModelPlan = {
  readonly name: string
  /** Like `owner/name`, a URL or a path. */
  readonly from: string
  readonly files: readonly { readonly path: string; readonly bytes: number | undefined }[]
  readonly licence: string | undefined
}

/** What is added, and from where: a line for each file. */
export function describePlan({ name, from, files, licence }: ModelPlan): string[] {
  const sizes = files.map(({ bytes }) => bytes)
  const total = sizes.every(bytes => bytes !== undefined)
    ? formatBytes(sizes.reduce((sum, one) => sum + one, 0))
    : undefined
  const about = [total ?? 'size unknown until the download starts', licence && `license: ${licence}`].filter(Boolean)
  return [
    `${name} from ${from}: ${about.join(', ')}`,
    ...files.map(({ path, bytes }) => `  ${path}${bytes === undefined ? '' : `, ${formatBytes(bytes)}`}`),
  ]
}
