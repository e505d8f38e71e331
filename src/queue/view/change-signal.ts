/** Resolves once: whoever waits for further changes needs a new one. */
export type ChangeSignal = { readonly fired: Promise<void>; readonly fire: () => void }

export function changeSignal(): ChangeSignal {
  let fire = () => {}
  const fired = new Promise<void>(resolve => {
    fire = resolve
  })
  return { fired, fire }
}
