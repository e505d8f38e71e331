/** Why Discord's client would not send a value, or what it says afterwards. */
export type RefusalReason = 'missing' | 'not-a-picture' | 'invalid' | 'no-answer'

/** Discord's client would say this to a person. The page that stands in for it makes a sentence of the reason and the field. */
export class ClientRefusal extends Error {
  /** @param field name of the command's option, or custom id of the modal's field; empty if it is about none */
  constructor(
    readonly reason: RefusalReason,
    readonly field: string,
    message: string,
  ) {
    super(message)
  }
}
