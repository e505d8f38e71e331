import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { cudaFolder, cudaRoot, onnxruntimeFolder, readCudaManifest } from './cuda-folder.js'
import { readDynamicSection } from './elf.js'

/** The path of an execution provider's library, in the folder that onnxruntime is loaded from. */
export function providerLibraryPath(provider: string): string {
  const root = cudaRoot()
  const folder = root !== undefined && readCudaManifest(root) ? cudaFolder(root) : onnxruntimeFolder()
  return join(folder, `libonnxruntime_providers_${provider}.so`)
}

/**
 * The missing libraries that keep a shared library from loading on Linux, at any depth, by the dynamic loader's names;
 * the path itself if that file is missing.
 *
 * It loads every dependency into this process, so call it only in a process that does nothing else.
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

/** The dynamic loader's error for a library; empty if it loads. */
function loadError(name: string): string {
  try {
    process.dlopen({ exports: {} }, name, constants.dlopen.RTLD_LAZY)
    return ''
  } catch (error) {
    // A library that loads is still an error for Node.js, because it is not an addon.
    return (error as Error).message
  }
}

/** The libraries that the dynamic loader didn't find, from its error message or onnxruntime's. */
export function parseMissingLibraries(message: string): string[] {
  return [...message.matchAll(/([^\s:]+\.so[.\d]*): cannot open shared object file/g)].map(([, name]) => name!)
}
