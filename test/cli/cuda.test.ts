import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { createServer as createProxy } from 'node:http'
import { createServer } from 'node:https'
import { createRequire } from 'node:module'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cudaInstallScript, installCuda, setupCuda } from '../../src/cli/setup/cuda.js'
import { problemMessage } from '../../src/i18n/i18n.js'
import { problemIn } from '../support/problems.js'

const isHere = process.platform === 'linux' && process.arch === 'x64'
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-cuda-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

test('other platforms than Linux on x64 get a message', async () => {
  const told = async (place: string) => problemMessage((await problemIn(setupCuda(() => {}, place)))!)
  expect(await told('win32-x64')).toMatch(/only Linux on x64, and this is win32-x64\. Use dml,/)
  expect(await told('darwin-arm64')).toMatch(/Use coreml,/)
  expect(await told('linux-arm64')).toMatch(/Use webgpu,/)
})

test.runIf(isHere)('without a network the error of onnxruntime’s install script is shown', async () => {
  vi.stubEnv('GLOBAL_AGENT_HTTPS_PROXY', 'http://127.0.0.1:9')
  const problem = await problemIn(setupCuda(() => {}))
  expect(problem).toMatchObject({ code: 'cuda-not-installed', reason: expect.stringMatching(/ECONNREFUSED/) })
})

test.runIf(isHere)('onnxruntime’s install script installs the files of a test server', async () => {
  // A copy of it: what it installs goes beside it.
  const copy = join(folder, 'onnxruntime-node')
  await cp(dirname(cudaInstallScript()), join(copy, 'script'), { recursive: true })
  await symlink(resolve('node_modules'), join(folder, 'node_modules'))
  const server = await nuget()
  try {
    vi.stubEnv('GLOBAL_AGENT_HTTPS_PROXY', server.proxy)
    vi.stubEnv('NODE_EXTRA_CA_CERTS', server.certificate)
    // As it is where npm was told to leave it out.
    vi.stubEnv('npm_config_onnxruntime_node_install', 'skip')
    await installCuda(join(copy, 'script', 'install.js'))
    const place = join(copy, 'bin', 'napi-v6', 'linux', 'x64')
    expect((await readdir(place)).sort()).toEqual(LIBRARIES)
    expect(await readFile(join(place, LIBRARIES[0]!), 'utf8')).toBe(`this is ${LIBRARIES[0]}`)
    expect(server.asked[0]).toBe('/v3/index.json')
  } finally {
    await server.close()
  }
})

const LIBRARIES = ['cuda', 'shared', 'tensorrt'].map(name => `libonnxruntime_providers_${name}.so`)

/** A stand-in for api.nuget.org behind a proxy, with one package. */
async function nuget() {
  const certificate = join(folder, 'certificate.pem')
  const key = join(folder, 'key.pem')
  // The program's library for proxies takes whatever is behind one for localhost.
  const name = ['-subj', '/CN=api.nuget.org', '-addext', 'subjectAltName=DNS:api.nuget.org,DNS:localhost']
  const asked: string[] = []
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...name],
    {
      stdio: 'ignore',
    },
  )
  const own = createRequire(cudaInstallScript())
  const { version } = own('./install-metadata-versions.js').nuget[0]
  const Zip = own('adm-zip')
  const zip = new Zip()
  for (const library of LIBRARIES)
    zip.addFile(`runtimes/linux-x64/native/${library}`, Buffer.from(`this is ${library}`))
  const files: Record<string, unknown> = {
    '/v3/index.json': { resources: [{ '@type': 'PackageBaseAddress/3.0.0', '@id': 'https://api.nuget.org/flat/' }] },
    '/flat/microsoft.ml.onnxruntime.gpu.linux/index.json': { versions: [version] },
    [`/flat/microsoft.ml.onnxruntime.gpu.linux/${version}/microsoft.ml.onnxruntime.gpu.linux.${version}.nupkg`]:
      zip.toBuffer(),
  }
  const read = { key: await readFile(key), cert: await readFile(certificate) }
  const server = createServer(read, (request, response) => {
    asked.push(request.url!)
    const found = files[request.url!]
    if (found === undefined) return response.writeHead(404).end()
    if (Buffer.isBuffer(found)) return response.end(found)
    response.setHeader('content-type', 'application/json').end(JSON.stringify(found))
  })
  const port = await listening(server)
  const tunnels: Duplex[] = []
  const proxy = createProxy().on('connect', (request, socket) => {
    expect(request.url).toBe('api.nuget.org:443')
    const through = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'))
    socket.pipe(through).pipe(socket)
    tunnels.push(socket)
    socket.on('error', () => through.destroy())
    through.on('error', () => socket.destroy())
  })
  return {
    certificate,
    asked,
    proxy: `http://127.0.0.1:${await listening(proxy)}`,
    async close() {
      for (const tunnel of tunnels) tunnel.destroy()
      for (const one of [server, proxy]) await new Promise(done => one.close(done).closeAllConnections())
    },
  }
}

async function listening(server: ReturnType<typeof createProxy>): Promise<number> {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}
