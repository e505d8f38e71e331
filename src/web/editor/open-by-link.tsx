import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Editor } from './editor.js'

/** The page that a link opens: its token is in the address's fragment. */
function ByLink() {
  const [token, setToken] = useState(location.hash.slice(1))
  useEffect(() => {
    const changed = () => setToken(location.hash.slice(1))
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  const next = (one: string) => {
    location.hash = one
  }
  return <Editor key={token} token={token} onNext={next} />
}

render(<ByLink />, document.body)
