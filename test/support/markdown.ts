import { readdir, readFile } from 'node:fs/promises'
import GithubSlugger from 'github-slugger'
import { marked, type Token } from 'marked'

/** A page of the project's documentation. */
export type MarkdownPage = {
  /** From the project's root. */
  readonly name: string
  readonly text: string
  readonly blocks: readonly CodeBlock[]
  /** What stands in backticks within a line. */
  readonly code: readonly string[]
  /** Where links and pictures lead, as it is written. */
  readonly links: readonly string[]
  readonly images: readonly { readonly source: string; readonly alt: string }[]
  /** What a link can have after its #. */
  readonly anchors: ReadonlySet<string>
}

/** What stands between two lines of backticks. No language says that it is for a shell. */
export type CodeBlock = { readonly language: string; readonly text: string }

/** Every page that people read on the project's site. */
export async function readPages(): Promise<MarkdownPage[]> {
  const docs = (await readdir('docs')).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)
  return Promise.all(['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...docs].map(readPage))
}

async function readPage(name: string): Promise<MarkdownPage> {
  const text = await readFile(name, 'utf8')
  const tokens: Token[] = []
  marked.walkTokens(marked.lexer(text), token => void tokens.push(token))
  const slugger = new GithubSlugger()
  const html = tokens.flatMap(token => (token.type === 'html' ? [token.raw] : [])).join('\n')
  const inHtml = (name: string) =>
    [...html.matchAll(new RegExp(`\\b${name}="([^"]*)"`, 'g'))].map(([, value]) => value!)
  const written = tokens.flatMap(token => (token.type === 'image' ? [{ source: token.href, alt: token.text }] : []))
  const tags = [...html.matchAll(/<img alt="([^"]*)" src="([^"]*)">/g)].map(([, alt, source]) => ({
    source: source!,
    alt: alt!,
  }))
  return {
    name,
    text,
    blocks: tokens.flatMap(token =>
      token.type === 'code' ? [{ language: token.lang ?? '', text: token.text as string }] : [],
    ),
    code: tokens.flatMap(token => (token.type === 'codespan' ? [unescaped(token.text)] : [])),
    links: [
      ...tokens.flatMap(token => (token.type === 'link' ? [token.href as string] : [])),
      ...written.map(({ source }) => source),
      ...['src', 'srcset', 'href'].flatMap(inHtml),
    ],
    images: [...written, ...tags],
    anchors: new Set(tokens.flatMap(token => (token.type === 'heading' ? [slugger.slug(token.text)] : []))),
  }
}

/** A table's cells hold a | with a backslash before it. */
function unescaped(code: string): string {
  return code.replaceAll('\\|', '|')
}

/** The commands of a block, one after another, without their comments. */
export function shellCommands({ language, text }: CodeBlock): string[] {
  if (language !== '') return []
  return text
    .split('\n')
    .flatMap(line => line.replace(/(^|\s+)#.*$/, '').split(' && '))
    .map(command => command.trim())
    .filter(command => command !== '')
}

/** A command's words, as a shell without variables reads them. */
export function shellWords(command: string): string[] {
  return (command.match(/(?:"[^"]*"|[^\s"])+/g) ?? []).map(word => word.replaceAll('"', ''))
}
