import type { WebSocket } from 'ws'

/** Connections through which nothing comes for a while, in either direction, although they stay open. */
export type FrozenConnections = {
  freeze(socket: WebSocket): void
  /** What was sent meanwhile arrives now. */
  thaw(): void
  send(socket: WebSocket, text: string): void
}

export function createFrozenConnections(): FrozenConnections {
  const held = new Map<WebSocket, string[]>()
  return {
    freeze(socket) {
      socket.pause()
      held.set(socket, [])
    },
    thaw() {
      for (const [socket, texts] of held) {
        socket.resume()
        for (const text of texts) socket.send(text)
      }
      held.clear()
    },
    send(socket, text) {
      const texts = held.get(socket)
      if (texts) texts.push(text)
      else socket.send(text)
    },
  }
}
