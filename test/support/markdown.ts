import { readdir, readFile } from 'node:fs/promises'
import GithubSlugger from 'github-slugger'
import { marked, type Token } from 'marked'

/** A Markdown page of the documentation. */
export type MarkdownPage = {
  /** Path from the root of the project. */
  readonly name: string
  readonly text: string
  readonly blocks: readonly CodeBlock[]
  /** Inline code. */
  readonly code: readonly string[]
  /** Targets of links and pictures, as written. */
  readonly links: readonly string[]
  readonly images: readonly { readonly source: string; readonly alt: string }[]
  /** Fragments that a link can have after #. */
  readonly anchors: ReadonlySet<string>
}

/** A fenced code block. An empty language means shell commands. */
export type CodeBlock = { readonly language: string; readonly text: string }

/** Every page of the documentation. */
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

/** In table cells a | is escaped with a backslash. */
function unescaped(code: string): string {
  return code.replaceAll('\\|', '|')
}

/** The commands of a code block, without comments. */
export function shellCommands({ language, text }: CodeBlock): string[] {
  if (language !== '') return []
  return text
    .split('\n')
    .flatMap(line => line.replace(/(^|\s+)#.*$/, '').split(' && '))
    .map(command => command.trim())
    .filter(command => command !== '')
}

/** The words of a command, with quotes removed. Variables are not expanded. */
export function shellWords(command: string): string[] {
  return (command.match(/(?:"[^"]*"|[^\s"])+/g) ?? []).map(word => word.replaceAll('"', ''))
}
