import { useEffect, useState } from 'preact/hooks'

/** An address for a file, until the component shows another one or is removed. */
export function useObjectUrl(file: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const next = file && URL.createObjectURL(file)
    setUrl(next)
    return () => next && URL.revokeObjectURL(next)
  }, [file])
  return url
}
