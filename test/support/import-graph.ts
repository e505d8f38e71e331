import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

/** Which files each file imports. Paths start from the same folder, with slashes. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/** Static imports and exports, type-only ones included, then dynamic imports. */
const IMPORTS = [
  /^(?:import|export)\s(?:[\w\s{},*$]*?\sfrom\s)?['"]([^'"]+)['"]/gm,
  /\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/g,
]

/** What a file imports, as it is written there. */
export function importsIn(text: string): string[] {
  return IMPORTS.flatMap(pattern => [...text.matchAll(pattern)].map(([, name]) => name!))
}

/** Every TypeScript and AssemblyScript file of a folder, with its imports as they are written. */
export async function readImports(folder: string): Promise<Map<string, string[]>> {
  const names = (await readdir(folder, { recursive: true })).filter(name => /\.tsx?$/.test(name)).sort()
  const read = async (name: string) =>
    [name.split(sep).join('/'), importsIn(await readFile(join(folder, name), 'utf8'))] as const
  return new Map(await Promise.all(names.map(read)))
}

/**
 * The imports that name another of these files. `./x.js` is x.ts or x.tsx; AssemblyScript writes no extension. Other files, like style
 * sheets, are left out.
 */
export function importGraph(imports: ReadonlyMap<string, readonly string[]>): ImportGraph {
  const resolve = (from: string, name: string) => {
    const path = relative('.', join(dirname(from), name))
      .split(sep)
      .join('/')
    const stem = path.replace(/\.js$/, '')
    return [path, `${stem}.ts`, `${stem}.tsx`].filter(file => imports.has(file))
  }
  return new Map(
    [...imports].map(([file, names]) => [
      file,
      names.filter(name => name.startsWith('.')).flatMap(name => resolve(file, name)),
    ]),
  )
}

/** For each import that is part of a cycle, the shortest cycle through it; each cycle once, from its first file by name. */
export function findCycles(graph: ImportGraph): string[][] {
  const cycles = new Map<string, string[]>()
  for (const [file, imports] of graph) {
    for (const imported of imports) {
      const path = shortestPath(graph, imported, file)
      if (!path) continue
      const first = path.indexOf([...path].sort()[0]!)
      const cycle = [...path.slice(first), ...path.slice(0, first)]
      cycles.set(cycle.join(' '), cycle)
    }
  }
  return [...cycles.values()]
}

/** The files from one to another, both included; breadth first. */
function shortestPath(graph: ImportGraph, from: string, to: string): string[] | undefined {
  const previous = new Map<string, string | undefined>([[from, undefined]])
  for (const file of previous.keys()) {
    if (file === to) {
      const path: string[] = []
      for (let at: string | undefined = file; at !== undefined; at = previous.get(at)) path.unshift(at)
      return path
    }
    for (const next of graph.get(file) ?? []) if (!previous.has(next)) previous.set(next, file)
  }
  return undefined
}
