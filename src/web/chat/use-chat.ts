import { useEffect, useState } from 'preact/hooks'
import type { Chat } from '../../protocol/chat.js'
import type { Message } from '../../protocol/discord-objects.js'
import { loadChat, subscribe } from './chat-api.js'

/** The channel and its messages, as they change. `chat` is undefined until it is loaded. */
export function useChat() {
  const [chat, setChat] = useState<Chat>()
  const [messages, setMessages] = useState<readonly Message[]>([])
  const [isDisconnected, setIsDisconnected] = useState(false)
  useEffect(() => {
    const reload = async () => {
      try {
        const loaded = await loadChat()
        document.documentElement.lang = loaded.language
        setChat(loaded)
        setMessages(loaded.messages)
        setIsDisconnected(false)
      } catch {
        setIsDisconnected(true)
      }
    }
    return subscribe({
      onMessage: message =>
        setMessages(before =>
          before.some(({ id }) => id === message.id)
            ? before.map(other => (other.id === message.id ? message : other))
            : [...before, message],
        ),
      onDelete: id => setMessages(before => before.filter(message => message.id !== id)),
      onReady: () => void reload(),
      onDisconnect: () => setIsDisconnected(true),
    })
  }, [])
  return { chat, messages, isDisconnected }
}
