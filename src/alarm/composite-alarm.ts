import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { TidegaugeError } from '../core/errors.ts'
import type { Series } from '../core/series.ts'
import { ALARM_EVENT_VERSION, type AlarmEvent, actionsFor, eventId, eventState } from './alarm-event.ts'
import { evaluateRule, ruleChildren } from './composite.ts'
import type { AlarmActions, Severity } from './options.ts'
import { parseAlarmRule, type RuleNode } from './rule-parser.ts'
import {
  type AlarmState,
  type CompositeReasonData,
  createdRecord,
  readStateRecord,
  type StateRecord,
  writeStateRecord,
} from './state.ts'
import type { SuppressionOptions } from './suppression.ts'

/** A composite alarm, complete. */
export interface CompositeOptions {
  /** Unique among alarms and composites of its pipeline. */
  readonly name: string
  readonly description: string
  readonly severity: Severity
  readonly rule: string
  readonly actions: AlarmActions
  readonly actionsEnabled: boolean
  readonly suppressor: SuppressionOptions | undefined
}

/** A composite alarm with its rule read: one for all series. */
export interface CompositeDefinition {
  readonly options: CompositeOptions
  readonly rule: RuleNode
  /** The alarms that the rule names. */
  readonly children: readonly string[]
}

/** Reads the rule; throws CONFIG_INVALID naming `composites.NAME.rule` and the place in it. */
export function defineComposite(options: CompositeOptions): CompositeDefinition {
  const parsed = parseAlarmRule(options.rule)
  if (parsed.ok) return { options, rule: parsed.value, children: ruleChildren(parsed.value) }
  throw new TidegaugeError('CONFIG_INVALID', `${parsed.error.message} (character ${parsed.error.at + 1})`, {
    where: `composites.${options.name}.rule`,
    hint: 'such as ALARM("cpu-high") AND NOT ALARM("deploying")',
  })
}

/** A change of state of a composite alarm. */
export interface CompositeTransition {
  readonly series: Series
  readonly from: StateRecord
  readonly to: StateRecord
  readonly reasonData: CompositeReasonData
}

/** How many children the text for people lists. */
const LISTED_MAX = 10

/** A composite alarm of one series: ALARM while its rule holds, OK otherwise; INSUFFICIENT_DATA until first evaluated. */
export class CompositeAlarm {
  readonly definition: CompositeDefinition
  readonly series: Series
  #record: StateRecord = createdRecord(0)

  constructor(definition: CompositeDefinition, series: Series) {
    this.definition = definition
    this.series = series
  }

  get state(): AlarmState {
    return this.#record.value
  }

  get record(): StateRecord {
    return this.#record
  }

  /** Evaluates the rule at an instant of event time, when all its children are up to date. */
  evaluate(stateOf: (alarm: string) => AlarmState, atMs: number): CompositeTransition | undefined {
    const holds = evaluateRule(this.definition.rule, stateOf)
    const value = holds ? 'ALARM' : 'OK'
    if (value === this.#record.value) return undefined
    const from = this.#record.reasonCode === 'created' ? createdRecord(atMs) : this.#record
    const children = this.definition.children.map((name) => ({ name, state: stateOf(name) }))
    this.#record = {
      value,
      reasonCode: holds ? 'rule_true' : 'rule_false',
      reason: reasonOf(this.definition.options, holds, children),
      timestampMs: atMs,
    }
    const queryDate = new Date(atMs).toISOString()
    const reasonData = { version: '1.0', queryDate, triggeringAlarms: children } as const
    return { series: this.series, from, to: this.#record, reasonData }
  }

  save(writer: BinaryWriter): void {
    writeStateRecord(writer, this.#record)
  }

  load(reader: BinaryReader): void {
    this.#record = readStateRecord(reader, `composite ${this.definition.options.name} of ${this.series.key}`)
  }
}

function reasonOf(
  options: CompositeOptions,
  holds: boolean,
  children: readonly { readonly name: string; readonly state: AlarmState }[],
): string {
  const listed = children.slice(0, LISTED_MAX).map(({ name, state }) => `${name} is ${state}`)
  const more = children.length > listed.length ? [`${children.length - listed.length} more`] : []
  const states = [...listed, ...more].join(', ')
  return `The rule of ${options.name} is ${holds ? 'true' : 'false'}${states === '' ? '' : `: ${states}`}.`
}

/** The event of a composite alarm's transition. */
export function compositeAlarmEvent(
  pipeline: string,
  transition: CompositeTransition,
  options: CompositeOptions,
): AlarmEvent {
  const { series, from, to } = transition
  return {
    schemaVersion: ALARM_EVENT_VERSION,
    id: eventId('alarm.state_change', [pipeline, options.name, series.key, to.value], to.timestampMs),
    type: 'alarm.state_change',
    pipeline,
    alarm: options.name,
    series: { name: series.name, labels: series.labels, key: series.key },
    severity: options.severity,
    state: { ...eventState(to), reasonData: transition.reasonData },
    previousState: eventState(from),
    configuration: {
      kind: 'composite',
      description: options.description,
      alarmRule: options.rule,
      actionsSuppressor: options.suppressor?.alarm ?? null,
      actionsSuppressorWaitPeriod: (options.suppressor?.waitMs ?? 0) / 1000,
      actionsSuppressorExtensionPeriod: (options.suppressor?.extensionMs ?? 0) / 1000,
      actionsEnabled: options.actionsEnabled,
    },
    actions: actionsFor(options.actions, to.value),
    actionsHeld: options.actionsEnabled
      ? null
      : { by: 'actionsDisabled', reason: 'actionsEnabled is false for this alarm' },
    evidence: null,
  }
}
