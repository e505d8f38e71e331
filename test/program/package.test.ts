import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findInCatalog } from '../../src/cli/models/model-catalog.js'
import { discordEnvironment, startTestDiscord } from '../support/emulator.js'
import { startFileServer } from '../support/file-server.js'
import { modelFiles, publishRepository } from '../support/hub.js'
import { startNpmRegistry } from '../support/npm-registry.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
let folder = ''
let source = ''
let packed = ''

/** What a program prints. */
async function run(cwd: string, env: Record<string, string>, program: string, ...args: string[]): Promise<string> {
  const { npm_config_registry: _, ...own } = process.env
  const options = { env: { ...own, npm_config_loglevel: 'error', ...env }, maxBuffer: 1 << 26, cwd }
  return (await promisify(execFile)(program, args, options)).stdout
}

// A copy: what is done here empties dist, which other tests look into.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-pack-'))
  source = join(folder, 'source')
  await mkdir(join(source, 'dist'), { recursive: true })
  const needed = ['package.json', '.npmrc', 'README.md', 'LICENSE', 'tsconfig.json', 'tsconfig.build.json']
  for (const name of [...needed, 'src', 'docs', 'examples', 'tools'])
    await cp(join(root, name), join(source, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(source, 'node_modules'))
  await writeFile(join(source, 'dist', 'stale.js'), 'left by another version')
  await run(source, {}, 'npm', 'run', 'pack', '--', '--pack-destination', folder)
  packed = join(folder, (await readdir(folder)).find(name => name.endsWith('.tgz'))!)
}, 180_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the package contains the build and nothing else', async () => {
  const files = (await run(folder, {}, 'tar', '-tzf', packed))
    .trim()
    .split('\n')
    .map(name => name.replace(/^package\//, ''))
  expect(files).toContain('dist/main.js')
  expect(files).toContain('dist/web/editor.html')
  expect(files).not.toContain('dist/stale.js')
  const allowed =
    /^(package\.json|README\.md|LICENSE|dist\/.+\.js|dist\/web\/[\w-]+\.(js|css|html)|tools\/onnx\/LICENSE|tools\/skip-cuda-download\.mjs|docs\/[\w-]+\.md|examples\/[\w-]+\.png)$/
  expect(files.filter(name => !allowed.test(name))).toEqual([])
})

test('from a registry to a picture by a model in an empty folder: npx overscan setup, npx overscan zoom', async () => {
  const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'))
  const registry = await startNpmRegistry(manifest, await readFile(packed), root)
  const files = new Map<string, Buffer>()
  const hub = await startFileServer(files)
  const discord = await startTestDiscord()
  try {
    const { repository, revision } = findInCatalog('sd15-inpainting')!
    publishRepository(files, repository, await modelFiles(), { revision })
    const empty = join(folder, 'empty')
    await mkdir(empty)
    const npm = {
      npm_config_registry: registry.url,
      npm_config_cache: join(folder, 'npm-cache'),
      // Scripts run as they do for everybody. onnxruntime-node's would fail without its server.
      npm_config_ignore_scripts: 'false',
      GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:9',
    }
    const env = { ...npm, ...discordEnvironment(discord), HF_ENDPOINT: hub.url }
    const npx = (...args: string[]) => run(empty, env, 'npx', '--yes', 'overscan', ...args)
    expect(await npx('--version')).toBe(`${manifest.version}\n`)

    const said = await npx('setup', '--yes', '--model', 'sd15-inpainting', '--device', 'cpu')
    expect(said).toMatch(/Test picture by sd15-inpainting, painted in [\d.]+ s/)
    expect(said).toContain(
      'sd15-inpainting paints beyond the frame (zoom, extend, square, fit), under a mask (inpaint)',
    )
    expect(said).toContain('Start the bot: npx overscan bot')
    const photo = sharp({ create: { width: 48, height: 32, channels: 3, background: '#369' } })
    await photo.png().toFile(join(empty, 'photo.png'))
    const zoom = ['photo.png', '-o', 'out', '--variations', '1', '--steps', '2', '--prompt', 'a lighthouse']
    expect(await npx('zoom', ...zoom)).toMatch(/photo-zoom-\d+\.png.*\nPainted by sd15-inpainting in /s)

    await run(folder, npm, 'npm', 'install', '--global', '--prefix', join(folder, 'global'), 'overscan')
    const overscan = join(folder, 'global', process.platform === 'win32' ? 'overscan.cmd' : 'bin/overscan')
    const withoutModels = { ...env, MODEL_FOLDER: 'none' }
    expect(await run(empty, withoutModels, overscan, 'demo', 'photo.png')).toContain('contact-sheet.png')
  } finally {
    await Promise.all([registry.close(), hub.close(), discord.close()])
  }
}, 300_000)

test('npm start and its child processes end on a signal', async () => {
  const { DISCORD_TOKEN: _, ...env } = process.env
  const npm = spawn('npm', ['start'], { cwd: source, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const part of npm.stdout) {
    said += part
    if (/playground: (\S+)\n/.test(said)) break
  }
  const [, url] = /playground: (\S+)\n/.exec(said)!
  expect((await fetch(url!)).status).toBe(200)
  const end = once(npm, 'exit')
  npm.kill('SIGTERM')
  await end
  await vi.waitFor(() => expect(fetch(url!)).rejects.toThrow(), { timeout: 20_000, interval: 100 })
}, 120_000)
