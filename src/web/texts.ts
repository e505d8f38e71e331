import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

/** Texts that the page has before anything is loaded; the server writes them into the HTML. */
export function shellText(name: 'loading' | 'unreachable'): string {
  return document.body.dataset[name] ?? ''
}

/** The language of the document's texts, as a BCP 47 tag. */
export const pageLanguage = () => document.documentElement.lang

/** Replace what is in braces. Numbers are written as in the page's language. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name]?.toLocaleString(pageLanguage()) ?? whole)
}

/** A share from 0 to 1, in percent. */
export function percent(share: number): string {
  return share.toLocaleString(pageLanguage(), { style: 'percent' })
}

/** The size of a file, in kilobytes. */
export function kilobytes(bytes: number): string {
  return Math.ceil(bytes / 1024).toLocaleString(pageLanguage(), { style: 'unit', unit: 'kilobyte' })
}

/** @returns the provider of a page's texts, and the hook with which its components read them */
export function createTexts<Texts>() {
  const context = createContext<Texts | undefined>(undefined)
  const useTexts = (): Texts => {
    const texts = useContext(context)
    if (!texts) throw new Error('A component is outside its texts’ provider.')
    return texts
  }
  return [context.Provider, useTexts] as const
}
