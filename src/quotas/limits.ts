import type { Config } from '../config.js'
import type { Quota, Settings } from '../settings/settings.js'
import type { CountName } from './ledger.js'

/** A person who asks for pictures. `roles` contain the server's own id, the role of everybody. */
export type Requester = {
  readonly person: string
  readonly roles: readonly string[]
  readonly server: string | undefined
}

export type Unit = 'pictures' | 'seconds'
export type Period = Quota['per']
export type Limit = {
  readonly whose: 'person' | 'server'
  readonly what: Unit
  readonly limit: number
  readonly per: Period
  /** The count that is limited. */
  readonly countName: string
}

/** The operator's limits. */
export type OperatorLimits = Pick<Config, 'PERSON_PICTURES_PER_HOUR' | 'SERVER_PICTURES_PER_HOUR'>

const PERIOD_MS = { hour: 3_600_000, day: 86_400_000 } as const

/** The server's quotas count what a person paints there. The operator's limit counts what they paint in all servers. */
const EVERYWHERE = 'everywhere'

const countName = (where: string, what: Unit, per: Period) => `${where}:${what}:${per}`

/** The limits for one person. Of a person's roles the most generous quota counts, by its rate. */
export function limitsFor({ roles, server }: Requester, settings: Settings, operator: OperatorLimits): Limit[] {
  const ownQuotas =
    server === undefined ? [] : settings.server(server).quotas.filter(({ role }) => roles.includes(role))
  const mostGenerous = (what: Unit): Limit[] => {
    const limits = ownQuotas.flatMap(({ per, [what]: limit }) => (limit === undefined ? [] : [{ limit, per }]))
    const perMs = ({ limit, per }: { limit: number; per: Period }) => limit / PERIOD_MS[per]
    const [most] = limits.sort((one, other) => perMs(other) - perMs(one))
    return most ? [{ whose: 'person', what, ...most, countName: countName(server!, what, most.per) }] : []
  }
  const operatorLimit = (whose: Limit['whose'], limit: number | undefined): Limit[] =>
    limit === undefined ? [] : [{ whose, what: 'pictures', limit, per: 'hour', countName: hourlyPictures.name }]
  return [
    ...mostGenerous('pictures'),
    ...mostGenerous('seconds'),
    ...operatorLimit('person', operator.PERSON_PICTURES_PER_HOUR),
    ...(server === undefined ? [] : operatorLimit('server', operator.SERVER_PICTURES_PER_HOUR)),
  ]
}

/** The operator's limits count this, both for people and for servers. */
const hourlyPictures: CountName = { name: countName(EVERYWHERE, 'pictures', 'hour'), periodMs: PERIOD_MS.hour }

/** What is counted in a server's ledger, whether it is limited or not: a limit may be set later. */
export const SERVER_COUNTS: readonly CountName[] = [hourlyPictures]

/** What is counted in a person's ledger. */
export function personCounts(what: Unit, server: string | undefined): CountName[] {
  const periods = server === undefined ? [] : (Object.keys(PERIOD_MS) as Period[])
  return [
    ...periods.map(per => ({ name: countName(server!, what, per), periodMs: PERIOD_MS[per] })),
    ...(what === 'pictures' ? [hourlyPictures] : []),
  ]
}
