import type { EditorTexts } from '../../protocol/page-texts.js'
import { createTexts } from '../texts.js'

export const [EditorTextsProvider, useEditorTexts] = createTexts<EditorTexts>()
