import type { ScoredPoint } from '../band/scored-point.ts'
import { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { TidegaugeError } from '../core/errors.ts'
import type { Series } from '../core/series.ts'
import { ActionGate } from './action-gate.ts'
import { type AlarmEvent, metricAlarmEvent } from './alarm-event.ts'
import { evaluationOrder } from './composite.ts'
import {
  CompositeAlarm,
  type CompositeDefinition,
  type CompositeOptions,
  compositeAlarmEvent,
  defineComposite,
} from './composite-alarm.ts'
import { MetricAlarm } from './metric-alarm.ts'
import { type MuteOptions, MuteRule } from './mute.ts'
import type { AlarmOptions } from './options.ts'
import type { OutlookOf } from './outlook.ts'
import type { AlarmState, StateRecord } from './state.ts'
import type { SuppressionOptions } from './suppression.ts'

const MAGIC = 'TGAL'
const VERSION = 1
const KINDS = { metric: 0, composite: 1 } as const

/** The alarms of a pipeline, read, checked and in the order in which they are evaluated. Shared by all series. */
export interface AlarmPlan {
  readonly pipeline: string
  readonly alarms: readonly AlarmOptions[]
  readonly composites: readonly CompositeDefinition[]
  readonly mutes: readonly MuteRule[]
}

/** Throws CONFIG_INVALID on rules that cannot be read, refer to each other in a cycle, or name an unknown alarm. */
export function planAlarms(given: {
  readonly pipeline: string
  readonly alarms: readonly AlarmOptions[]
  readonly composites?: readonly CompositeOptions[]
  readonly mutes?: readonly MuteOptions[]
}): AlarmPlan {
  const defined = new Map((given.composites ?? []).map((options) => [options.name, defineComposite(options)]))
  const known = new Set([...given.alarms.map(({ name }) => name), ...defined.keys()])
  for (const { name, field, refersTo } of referencesOf(defined, given.mutes ?? [])) {
    if (known.has(refersTo)) continue
    throw new TidegaugeError('CONFIG_INVALID', `there is no alarm ${refersTo}`, {
      where: `${name}.${field}`,
      hint: `the alarms are ${[...known].join(', ')}`,
    })
  }
  const order = evaluationOrder(
    [...defined.values()].map(({ options, children }) => ({
      name: options.name,
      dependsOn: options.suppressor === undefined ? children : [...children, options.suppressor.alarm],
    })),
  )
  return {
    pipeline: given.pipeline,
    alarms: given.alarms,
    composites: order.map((name) => defined.get(name)).filter((definition) => definition !== undefined),
    mutes: (given.mutes ?? []).map((mute) => new MuteRule(mute)),
  }
}

function referencesOf(composites: ReadonlyMap<string, CompositeDefinition>, mutes: readonly MuteOptions[]) {
  const ofComposites = [...composites].flatMap(([name, { children, options }]) => [
    ...children.map((refersTo) => ({ name: `composites.${name}`, field: 'rule', refersTo })),
    ...(options.suppressor === undefined
      ? []
      : [{ name: `composites.${name}`, field: 'suppressor.alarm', refersTo: options.suppressor.alarm }]),
  ])
  const ofMutes = mutes.flatMap(({ name, alarms }) =>
    alarms.map((refersTo) => ({ name: `mutes.${name}`, field: 'alarms', refersTo })),
  )
  return [...ofComposites, ...ofMutes]
}

interface Member<Alarm> {
  readonly name: string
  readonly alarm: Alarm
  /** Only where a suppressor or a mute can hold the actions. */
  readonly gate: ActionGate | undefined
}

/**
 * All alarms of one series: its metric alarms, the composites over them, and what holds back their actions. A
 * composite combines alarms of the same series (metrics are joined into one for that), and exists for a series that
 * has all the alarms that its rule names. A suppressor that the series does not have is never in ALARM.
 */
export class SeriesAlarms {
  readonly #pipeline: string
  readonly #metrics: readonly Member<MetricAlarm>[]
  readonly #composites: readonly Member<CompositeAlarm>[]

  /** `applies` says which metric alarms watch this series. */
  constructor(plan: AlarmPlan, series: Series, applies: (alarm: AlarmOptions) => boolean = () => true) {
    this.#pipeline = plan.pipeline
    this.#metrics = plan.alarms.filter(applies).map((options) => ({
      name: options.name,
      alarm: new MetricAlarm(options, series),
      gate: gateOf(plan, options.name),
    }))
    const names = new Set(this.#metrics.map(({ name }) => name))
    const composites: Member<CompositeAlarm>[] = []
    for (const definition of plan.composites) {
      const { name, suppressor } = definition.options
      if (!definition.children.every((child) => names.has(child))) continue
      names.add(name)
      composites.push({
        name,
        alarm: new CompositeAlarm(definition, series),
        gate: gateOf(plan, name, suppressor),
      })
    }
    this.#composites = composites
  }

  /** Takes the next period's point; gives the events that it causes, in a fixed order. */
  evaluate(point: ScoredPoint, outlookOf?: OutlookOf): readonly AlarmEvent[] {
    const events: AlarmEvent[] = []
    let atMs = point.timestampMs
    for (const { alarm, gate } of this.#metrics) {
      atMs = point.timestampMs + alarm.options.periodMs
      const released = gate?.advance(atMs, false)
      if (released !== undefined) events.push(released)
      const transition = alarm.evaluate(point, outlookOf)
      if (transition === undefined) continue
      const event = metricAlarmEvent(this.#pipeline, transition, alarm.options)
      events.push(gate?.pass(event, atMs) ?? event)
    }
    for (const { alarm, gate } of this.#composites) {
      const { options } = alarm.definition
      const suppressed = options.suppressor !== undefined && this.#stateOf(options.suppressor.alarm) === 'ALARM'
      const released = gate?.advance(atMs, suppressed)
      if (released !== undefined) events.push(released)
      const transition = alarm.evaluate((name) => this.#stateOf(name), atMs)
      if (transition === undefined) continue
      const event = compositeAlarmEvent(this.#pipeline, transition, options)
      events.push(gate?.pass(event, atMs) ?? event)
    }
    return events
  }

  /** Few alarms watch one series: looking through them costs less than a map of them would hold. */
  #stateOf(name: string): AlarmState {
    for (const member of this.#metrics) if (member.name === name) return member.alarm.state
    for (const member of this.#composites) if (member.name === name) return member.alarm.state
    return 'INSUFFICIENT_DATA'
  }

  /** The state of every alarm, in the order of evaluation. */
  records(): readonly { readonly name: string; readonly record: StateRecord }[] {
    return [...this.#metrics, ...this.#composites].map(({ name, alarm }) => ({ name, record: alarm.record }))
  }

  save(writer: BinaryWriter): void {
    const members = [
      ...this.#metrics.map((member) => ({ ...member, kind: KINDS.metric })),
      ...this.#composites.map((member) => ({ ...member, kind: KINDS.composite })),
    ]
    writer.u32(members.length)
    for (const { name, alarm, gate, kind } of members) {
      const state = new BinaryWriter(MAGIC, VERSION, 256)
      state.u8(kind)
      alarm.save(state)
      state.bool(gate !== undefined)
      gate?.save(state)
      writer.text(name)
      writer.bytes(state.finish())
    }
  }

  /** Alarms are found by name: one that is new starts afresh, one that is gone is dropped with its state. */
  load(reader: BinaryReader, where: string): void {
    const saved = new Map<string, Uint8Array>()
    for (let left = reader.u32(); left > 0; left--) saved.set(reader.text(), reader.nested())
    for (const member of this.#metrics) loadMember(member, KINDS.metric, saved.get(member.name), where)
    for (const member of this.#composites) loadMember(member, KINDS.composite, saved.get(member.name), where)
  }
}

function loadMember(
  member: Member<MetricAlarm | CompositeAlarm>,
  kind: number,
  bytes: Uint8Array | undefined,
  where: string,
): void {
  if (bytes === undefined) return
  const reader = new BinaryReader(bytes, MAGIC, VERSION, `${where}/${member.name}`)
  if (reader.u8() !== kind) return
  member.alarm.load(reader)
  if (reader.bool()) member.gate?.load(reader)
}

function gateOf(plan: AlarmPlan, name: string, suppressor?: SuppressionOptions): ActionGate | undefined {
  const mutes = plan.mutes.filter((mute) => mute.mutes(name))
  return suppressor === undefined && mutes.length === 0 ? undefined : new ActionGate(name, mutes, suppressor)
}
