#!/usr/bin/env node
// Starts the Firefox that FIREFOX names, and passes on what Playwright says to it. Firefox ESR 140 lacks commands of WebDriver BiDi that
// Playwright sends to each page (locale, media, downloads): they succeed here without effect.

import { spawn } from 'node:child_process'
import WebSocket, { WebSocketServer } from 'ws'

const ADDRESS = /(WebDriver BiDi listening on )(ws:\S+)/

const firefox = spawn(process.env.FIREFOX, process.argv.slice(2), { stdio: ['ignore', 'ignore', 'pipe'] })
firefox.on('exit', code => process.exit(code ?? 1))
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => firefox.kill(signal))

firefox.stderr.on('data', data => {
  const text = String(data)
  const address = ADDRESS.exec(text)?.[2]
  if (address) relay(address, own => process.stderr.write(text.replace(ADDRESS, `$1${own}`)))
  else process.stderr.write(text)
})

/** Listen in place of an address. */
function relay(address, onListening) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('listening', () => onListening(`ws://127.0.0.1:${server.address().port}`))
  server.on('connection', (client, { url }) => {
    const upstream = new WebSocket(address + url)
    const opened = new Promise(resolve => upstream.on('open', resolve))
    client.on('message', async message => {
      await opened
      upstream.send(String(message))
    })
    upstream.on('message', message => client.send(withoutUnknownCommand(String(message))))
    upstream.on('error', error => process.stderr.write(`${error.message}\n`))
    upstream.on('close', () => client.close())
    client.on('close', () => upstream.close())
  })
}

function withoutUnknownCommand(message) {
  const { error, id } = JSON.parse(message)
  return error === 'unknown command' ? JSON.stringify({ type: 'success', id, result: {} }) : message
}
