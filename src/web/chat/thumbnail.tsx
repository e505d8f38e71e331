import { useEffect, useState } from 'preact/hooks'

/** A small picture of a file that is not sent yet. */
export function Thumbnail({ file }: { file: File }) {
  const [url, setUrl] = useState('')
  useEffect(() => {
    const objectUrl = URL.createObjectURL(file)
    setUrl(objectUrl)
    return () => URL.revokeObjectURL(objectUrl)
  }, [file])
  return url ? <img class="thumbnail" src={url} alt="" /> : null
}
