import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { readDynamicSection } from './elf.js'

/** Where onnxruntime looks for what it loads for an execution provider: beside its own library. */
export function providerLibraryPath(provider: string): string {
  const { platform, arch } = process
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  return join(root, 'bin', 'napi-v6', platform, arch, `libonnxruntime_providers_${provider}.so`)
}

/**
 * The libraries that keep a library of Linux from being loaded, by the names that the dynamic loader gives them: its own where it is
 * missing itself, and whatever it needs, at any depth.
 *
 * Each is really loaded, into this process: not for a process that does other things.
 */
export async function missingLibraries(path: string): Promise<string[]> {
  if (!existsSync(path)) return [path]
  const { needed = [], runpath = [] } = (await readDynamicSection(path)) ?? {}
  const folders = runpath.map(folder => folder.replace(/\$(?:ORIGIN|\{ORIGIN\})/, dirname(path)))
  const missing = needed.flatMap(name => {
    const inRunpath = folders.map(folder => join(folder, name)).find(existsSync)
    return parseMissingLibraries(loadError(inRunpath ?? name))
  })
  return [...new Set(missing)]
}

/** What the dynamic loader says of it; nothing where it is there. */
function loadError(name: string): string {
  try {
    process.dlopen({ exports: {} }, name, constants.dlopen.RTLD_LAZY)
    return ''
  } catch (error) {
    // A library that was loaded is no module of Node's, which is an error as well.
    return (error as Error).message
  }
}

/** The libraries that the dynamic loader could not find, from what it, or onnxruntime after it, said. */
export function parseMissingLibraries(message: string): string[] {
  return [...message.matchAll(/([^\s:]+\.so[.\d]*): cannot open shared object file/g)].map(([, name]) => name!)
}
