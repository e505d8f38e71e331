import { envExample } from '../../src/terminal/env/example.js'
import { configurationPage } from './configuration.js'

/** Every file that `npm run docs` writes, by its path in the repository. */
export function documents(): { readonly path: string; readonly text: string }[] {
  return [
    { path: '.env.example', text: envExample() },
    { path: 'docs/configuration.md', text: configurationPage() },
  ]
}
