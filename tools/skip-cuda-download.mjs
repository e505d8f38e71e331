// Runs before the installation of the published package ends: npm runs all preinstall scripts before the first postinstall script.
//
// onnxruntime-node's own postinstall script downloads CUDA libraries from another server than the registry, for every x64 Linux, and fails
// the installation if it can't. "overscan setup cuda" downloads them where they are wanted. So that script is emptied here.

import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
let folder
try {
  folder = dirname(require.resolve('onnxruntime-node/package.json'))
} catch {
  // Another package manager installs it later, and then runs no scripts of dependencies.
}
if (folder !== undefined) {
  const script = join(folder, 'script', 'install.js')
  if (existsSync(script))
    writeFileSync(script, '// Emptied by Overscan. Run "overscan setup cuda" for the CUDA libraries.\n')
}
