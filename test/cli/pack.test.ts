import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { writeSingleFile } from '../support/checkpoints.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const NPM = { env: { ...process.env, npm_config_loglevel: 'error' }, maxBuffer: 1 << 26 }
let folder = ''
let source = ''

/** What a program prints, in an empty folder. */
const run = (cwd: string, program: string, ...args: string[]) => runWith({}, cwd, program, ...args)

async function runWith(env: Record<string, string>, cwd: string, program: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(program, args, { ...NPM, env: { ...NPM.env, ...env }, cwd })).stdout
}

// A copy: what is done here empties dist, which other tests look into.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-pack-'))
  source = join(folder, 'source')
  await mkdir(source)
  const needed = ['package.json', '.npmrc', 'README.md', 'LICENSE', 'tsconfig.json', 'tsconfig.build.json']
  for (const name of [...needed, 'src', 'docs', 'examples', 'tools'])
    await cp(join(root, name), join(source, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(source, 'node_modules'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

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

test('the package of npm run pack contains the build, and paints from another folder', async () => {
  await mkdir(join(source, 'dist'), { recursive: true })
  await writeFile(join(source, 'dist', 'stale.js'), 'left by another version')
  await run(source, 'npm', 'run', 'pack', '--', '--pack-destination', folder)
  const packed = (await readdir(folder)).find(name => name.endsWith('.tgz'))!

  const files = (await run(folder, 'tar', '-tzf', packed))
    .trim()
    .split('\n')
    .map(name => name.replace(/^package\//, ''))
  expect(files).toContain('dist/main.js')
  expect(files).toContain('dist/web/editor.html')
  expect(files).not.toContain('dist/stale.js')
  const allowed =
    /^(package\.json|README\.md|LICENSE|dist\/.+\.js|dist\/web\/[\w-]+\.(js|css|html)|tools\/skip-cuda-download\.mjs|docs\/[\w-]+\.md|examples\/[\w-]+\.png)$/
  expect(files.filter(name => !allowed.test(name))).toEqual([])

  const elsewhere = join(folder, 'elsewhere')
  await mkdir(elsewhere)
  await writeFile(join(elsewhere, 'package.json'), '{ "private": true }')
  // Scripts run as they do for everybody. onnxruntime-node's would fail without its server.
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--foreground-scripts']
  const env = { npm_config_ignore_scripts: 'false', GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:9' }
  await runWith(env, elsewhere, 'npm', 'install', ...options, join(folder, packed))
  expect(await run(elsewhere, 'npx', 'overscan', '--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(await run(elsewhere, 'npx', 'overscan', 'demo')).toContain('contact-sheet.png')
  expect(await readdir(join(elsewhere, 'out', 'demo'))).toContain('5-removed-4.png')

  // From here to a painting by a model, in two commands.
  await writeSingleFile('sd1-inpaint', join(folder, 'tiny.safetensors'), 'F16')
  const added = await run(elsewhere, 'npx', 'overscan', 'models', 'add', join(folder, 'tiny.safetensors'))
  expect(added).toContain('tiny paints beyond the frame (zoom, extend, square, fit), under a mask (inpaint)')
  await sharp({ create: { width: 48, height: 32, channels: 3, background: '#369' } }).toFile(
    join(elsewhere, 'photo.png'),
  )
  const zoom = ['zoom', 'photo.png', '-o', 'out', '--variations', '1', '--steps', '2', '--prompt', 'a lighthouse']
  expect(await run(elsewhere, 'npx', 'overscan', ...zoom)).toMatch(/photo-zoom-\d+\.png.*\nPainted by tiny in /s)
}, 300_000)
