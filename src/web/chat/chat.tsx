import { render } from 'preact'
import { shellText } from '../texts.js'
import { Channel } from './channel.js'
import './chat.css'
import { ChatTextsProvider } from './chat-texts.js'
import { useChat } from './use-chat.js'

function App() {
  const { chat, messages, isDisconnected } = useChat()
  if (!chat) return <p class="loading">{shellText(isDisconnected ? 'unreachable' : 'loading')}</p>
  return (
    <ChatTextsProvider value={chat.texts}>
      <Channel chat={chat} messages={messages} isDisconnected={isDisconnected} />
    </ChatTextsProvider>
  )
}

render(<App />, document.body)
