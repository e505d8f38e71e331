import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { main } from 'assemblyscript/asc'

// npm run kernel: compiles the hot loops of the built-in engine, which are written in AssemblyScript, to WebAssembly.

const root = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = 'src/inference/engines/fill/kernel'

/** The compiled kernel, as a module that needs no other file. */
export const COMPILED = `${root}src/inference/engines/fill/kernel-wasm.ts`

/** @throws Error with what the compiler said */
export async function compileKernel(): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined
  const { error, stderr } = await main(
    [
      `${SOURCES}/index.ts`,
      ...['--baseDir', root, '--outFile', 'kernel.wasm'],
      ...['--enable', 'simd', '--runtime', 'minimal', '-O3', '--noAssert'],
      // Vectors are passed within the kernel only.
      ...['--disableWarning', '112'],
    ],
    {
      readFile: (name, base) => readFile(`${base}/${name}`, 'utf8').catch(() => null),
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) wasm = contents as Uint8Array
      },
      listFiles: () => [],
    },
  )
  if (error || !wasm) throw new Error(`${error?.message}\n${stderr.toString()}`)
  return wasm
}

/** The module that holds it. */
export function moduleOf(wasm: Uint8Array): string {
  const text = Buffer.from(wasm).toString('base64')
  return `/** Compiled from kernel/ by \`npm run kernel\`. */\nexport const KERNEL =\n  '${text}'\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(COMPILED, moduleOf(await compileKernel()))
