import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Editor } from './editor.js'

/** What the browser remembers of a picture: the token of the one before. */
type HistoryState = { readonly parent: string }

/** The page that a link opens. Its token is the address's fragment. */
function EditorByLink() {
  const [token, setToken] = useState(location.hash.slice(1))
  useEffect(() => {
    const onHashChange = () => setToken(location.hash.slice(1))
    addEventListener('hashchange', onHashChange)
    return () => removeEventListener('hashchange', onHashChange)
  }, [])
  const onOpen = (next: string) => {
    history.pushState({ parent: token } satisfies HistoryState, '', `#${next}`)
    setToken(next)
  }
  const onBack = (parent: string) => {
    const state: HistoryState | null = history.state
    if (state?.parent === parent) history.back()
    else onOpen(parent)
  }
  return <Editor token={token} onOpen={onOpen} onBack={onBack} />
}

render(<EditorByLink />, document.body)
