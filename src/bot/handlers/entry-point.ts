import type { BotDeps } from '../deps.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import type { RequestContext } from '../request-context.js'
import { textView } from '../views/message-view.js'

/** The Activity was opened from Discord's own menu, not by a button under a picture. */
export async function handleEntryPoint(
  responder: InteractionResponder,
  { t }: RequestContext,
  { recentTargets, log }: BotDeps,
): Promise<void> {
  const refusal = recentTargets && (await responder.launchActivity())
  if (recentTargets && !refusal) return
  if (refusal) log.warn(refusal, 'Activity not launched')
  await responder.notify(textView(t.activity.nothing))
}
