import type { Backend } from './backends/backend.js'
import { isLane } from './lanes.js'
import { toBullJobId } from './payload.js'
import type { QueueView } from './view/queue-view.js'

/**
 * The lane of a job of another process: that of its record if this process knows it, otherwise the one in which BullMQ has the
 * job. Undefined where it is in none.
 *
 * @param recorded the lane in its record
 */
export async function findLane(
  id: string,
  recorded: string,
  view: QueueView,
  backend: Backend,
): Promise<string | undefined> {
  const lanes = view.lanes()
  if (lanes.some(({ name }) => name === recorded)) return recorded
  for (const { name, queue } of lanes) if (await queue.getJob(toBullJobId(id))) return name
  if (!isLane(recorded)) return undefined
  // That of an engine which only workers have, and none of them is connected.
  const queue = backend.queue(recorded)
  const job = await queue.getJob(toBullJobId(id)).finally(() => queue.close())
  if (!job) return undefined
  await view.ensureLane(recorded)
  return recorded
}
