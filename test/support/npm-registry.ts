import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'

type Manifest = { readonly name: string; readonly version: string }

/** Large files for other systems. Packages need not be complete here. */
const EXCLUDED = ['node_modules', 'bin/napi-v6/darwin', 'bin/napi-v6/win32']

/**
 * An npm registry with one package and what it depends on, out of the folder of a project: everything else is missing. Installing from it
 * needs no network.
 *
 * @param manifest of the package
 * @param tarball its file
 * @param root a folder with `package-lock.json` and `node_modules`
 */
export async function startNpmRegistry(manifest: Manifest, tarball: Buffer, root: string) {
  const folders = productionPackages(root)
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://x').pathname).slice(1)
    requests.push(path)
    if (path === 'tarball') return response.end(tarball)
    if (path.startsWith('folder/')) return pack(path.slice('folder/'.length)).pipe(response)
    const versions = path === manifest.name ? [{ manifest, tarball: 'tarball' }] : versionsIn(folders.get(path) ?? [])
    if (versions.length === 0) return response.writeHead(404).end('{}')
    const listed = versions.map(one => [
      one.manifest.version,
      { ...one.manifest, dist: { tarball: `${url}/${one.tarball}` } },
    ])
    const latest = versions[0]!.manifest.version
    return response.end(JSON.stringify({ name: path, 'dist-tags': { latest }, versions: Object.fromEntries(listed) }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, requests, close: () => new Promise(resolve => server.close(resolve).closeAllConnections()) }
}

/** The folders of each installed package that the project needs when it runs, by name. */
function productionPackages(root: string): Map<string, string[]> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  const folders = new Map<string, string[]>()
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    if (path === '' || dev || !existsSync(join(root, path))) continue
    const name = path.split('node_modules/').at(-1)!
    folders.set(name, [...(folders.get(name) ?? []), join(root, path)])
  }
  return folders
}

function versionsIn(folders: readonly string[]): { manifest: Manifest; tarball: string }[] {
  return folders.map(folder => ({
    manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest,
    tarball: `folder/${encodeURIComponent(folder)}`,
  }))
}

/** A folder as npm unpacks it: it drops the first name of each path. */
function pack(folder: string) {
  const excluded = EXCLUDED.flatMap(path => ['--exclude', path])
  const tar = spawn('tar', ['-c', ...excluded, '-C', dirname(folder), basename(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return tar.stdout
}
