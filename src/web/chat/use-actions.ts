import { useState } from 'preact/hooks'
import type { ActionResponse, OpenActivity } from '../../protocol/chat.js'
import type { ChatAction, ModalFieldValue } from '../../protocol/chat-request.js'
import type { Message, Modal } from '../../protocol/discord-objects.js'
import { sendAction } from './chat-api.js'
import type { MessageActions } from './component-view.js'

/** @property interaction the one that opened it */
type OpenModal = { readonly interaction: string; readonly modal: Modal }

/**
 * Sends what the person does, and keeps what the bot opens then: a modal or the Activity; or why it was refused.
 *
 * @param onSend called before something is sent from the channel
 */
export function useActions(onSend: () => void) {
  const [modal, setModal] = useState<OpenModal>()
  const [activity, setActivity] = useState<OpenActivity>()
  const [error, setError] = useState('')

  const show = ({ interaction, modal: opened, activity: launched }: ActionResponse) => {
    if (opened && interaction) setModal({ interaction, modal: opened })
    if (launched) setActivity(launched)
  }
  /** @returns whether it was sent */
  const send = async (action: ChatAction, uploads: readonly File[] = []): Promise<boolean> => {
    setError('')
    onSend()
    try {
      show(await sendAction(action, uploads))
      return true
    } catch (cause) {
      setError((cause as Error).message)
      return false
    }
  }
  return {
    send,
    error,
    clearError: () => setError(''),
    modal,
    closeModal: () => setModal(undefined),
    /** @throws RefusedError */
    async submitModal(interaction: string, fields: Record<string, ModalFieldValue>, uploads: readonly File[]) {
      show(await sendAction({ type: 'modal-submit', interaction, fields }, uploads))
    },
    activity,
    closeActivity({ id }: OpenActivity): void {
      setActivity(undefined)
      void send({ type: 'leave-activity', activity: id })
    },
  }
}

/** What a person can do with a message. @param reply begins a reply to it */
export function messageActions(
  send: (action: ChatAction) => Promise<boolean>,
  reply: (message: Message) => void,
): MessageActions {
  return {
    press: ({ id }, button) => void send({ type: 'button', message: id, button }),
    select: ({ id }, menu, values) => void send({ type: 'select', message: id, menu, values: [...values] }),
    dismiss: ({ id }) => void send({ type: 'dismiss', message: id }),
    reply,
    run: ({ id }, name) => void send({ type: 'message-command', message: id, command: name }),
    scrollTo(id) {
      const element = document.getElementById(`m${id}`)
      element?.scrollIntoView({ block: 'center' })
      element?.focus()
    },
  }
}
