import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Editor } from './editor.js'

/** The page that a link opens. Its token is the address's fragment. */
function EditorByLink() {
  const [token, setToken] = useState(location.hash.slice(1))
  useEffect(() => {
    const onHashChange = () => setToken(location.hash.slice(1))
    addEventListener('hashchange', onHashChange)
    return () => removeEventListener('hashchange', onHashChange)
  }, [])
  const openNext = (next: string) => {
    location.hash = next
  }
  return <Editor key={token} token={token} onNext={openNext} />
}

render(<EditorByLink />, document.body)
