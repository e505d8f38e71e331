import type { ChatTexts } from '../../protocol/page-texts.js'
import { createTexts } from '../texts.js'

export const [ChatTextsProvider, useChatTexts] = createTexts<ChatTexts>()
