import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clipVocabulary } from '../../src/inference/engines/diffusion/prompt/clip-vocabulary.js'

// npx tsx tools/reference/vocabulary.ts FOLDER: writes CLIP's vocabulary as transformers reads it.

const [folder = 'vocabulary'] = process.argv.slice(2)
const { vocab, merges } = clipVocabulary()
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'vocab.json'), JSON.stringify(vocab))
writeFileSync(join(folder, 'merges.txt'), `#version: 0.2\n${merges.join('\n')}\n`)
