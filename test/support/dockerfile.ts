import { readdirSync } from 'node:fs'
import { cp, mkdir, rename, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { default as dockerignore } from '@balena/dockerignore'
import { Copy, DockerfileParser, From, type Instruction, JSONInstruction } from 'dockerfile-ast'

/** A stage of a Dockerfile: its base image, and its instructions in order. */
export type BuildStage = { readonly name: string; readonly from: string; readonly steps: readonly BuildStep[] }

export type BuildStep = {
  readonly keyword: string
  /** The text after the keyword and its flags. */
  readonly text: string
  /** The arguments: words, or the strings of a JSON list. */
  readonly words: readonly string[]
  /** `--from` of COPY. */
  readonly from: string | undefined
}

export function parseDockerfile(text: string): BuildStage[] {
  const stages: (BuildStage & { readonly steps: BuildStep[] })[] = []
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction instanceof From) {
      stages.push({ name: instruction.getBuildStage()!, from: instruction.getImage()!, steps: [] })
    } else stages.at(-1)!.steps.push(stepOf(instruction))
  }
  return stages
}

function stepOf(instruction: Instruction): BuildStep {
  const text = instruction.getArgumentsContent() ?? ''
  const flags = instruction instanceof Copy ? instruction.getFlags() : []
  const list = instruction instanceof JSONInstruction && text.startsWith('[')
  return {
    keyword: instruction.getKeyword(),
    text,
    words: list ? (JSON.parse(text) as string[]) : instruction.getArguments().map(one => one.getValue()),
    from: flags.find(flag => flag.getName() === 'from')?.getValue() ?? undefined,
  }
}

/** The arguments of the only instruction with this keyword. @throws Error if there is not exactly one */
export function argumentsOf({ name, steps }: BuildStage, keyword: string): readonly string[] {
  const [step, ...more] = steps.filter(one => one.keyword === keyword)
  if (!step || more.length > 0) throw new Error(`${name} has not just one ${keyword}`)
  return step.words
}

/** The variables that ENV sets. */
export function environmentOf({ steps }: BuildStage): Record<string, string> {
  const pairs = steps.filter(({ keyword }) => keyword === 'ENV').flatMap(({ words }) => words)
  return Object.fromEntries(pairs.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}

/** The files of the build context, with slashes: all that .dockerignore does not exclude. */
export function buildContextFiles(folder: string, ignored: string): string[] {
  const { ignores } = rules(ignored)
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules' && name !== '.git')
    .flatMap(entry => {
      if (entry.isFile()) return [entry.name]
      const nested = readdirSync(join(folder, entry.name), { recursive: true, withFileTypes: true })
      return nested.filter(one => one.isFile()).map(one => relative(folder, join(one.parentPath, one.name)))
    })
    .map(path => path.split(sep).join('/'))
    .filter(path => !ignores(path))
}

/** The files that a source of COPY matches: a file, a folder or a pattern. */
export function matchingFiles(source: string, files: readonly string[]): string[] {
  const { ignores } = rules(source)
  return files.filter(ignores)
}

function rules(text: string) {
  const all = dockerignore.default().add(text)
  return { ignores: (path: string) => all.ignores(path) }
}

/** Like COPY with one source, but moves: the content of a folder goes into the target, and a file too if the target ends with a slash. */
export async function moveTo(source: string, target: string): Promise<void> {
  const destination = target.endsWith(sep) && (await stat(source)).isFile() ? join(target, basename(source)) : target
  await mkdir(dirname(destination), { recursive: true })
  await rename(source, destination)
}

/** Copy these files of a folder. */
export async function copyFiles(folder: string, files: readonly string[], target: string): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(target, file)), { recursive: true })
    await cp(join(folder, file), join(target, file))
  }
}
