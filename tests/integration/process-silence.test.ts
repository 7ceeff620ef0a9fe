import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { RunLab } from '../support/run-lab.ts'

const PIPELINE = `
  changelog: { enabled: false }
period: { length: 1s, lateness: 1s, silence: 5s }
alarms:
  - { name: alive, on: threshold, threshold: 1e9, operator: GreaterThanThreshold, treatMissingData: breaching, evaluationPeriods: 3 }
`

interface SeenAlarm {
  readonly key: string | null
  readonly state: string
  readonly id: string
}

async function alarmsOf(lab: RunLab): Promise<SeenAlarm[]> {
  const outputs = await lab.outputs('silence')
  return outputs
    .filter(({ topic }) => topic.endsWith('.alarms'))
    .map(({ key, value }) => {
      const { state, id } = JSON.parse(value)
      return { key, state: state.value, id }
    })
}

/** Publishes as a live publisher does: a sample of each series, now. */
async function say(lab: RunLab): Promise<void> {
  const timestamp = Date.now()
  const sample = (name: string) => ({ key: name, value: JSON.stringify({ name, labels: {}, timestamp, value: 1 }) })
  await lab.publish([sample('a'), sample('b')])
}

async function until(lab: RunLab, met: (alarms: readonly SeenAlarm[]) => boolean): Promise<SeenAlarm[]> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const alarms = await alarmsOf(lab)
    if (met(alarms)) return alarms
    if (Date.now() > deadline) throw new Error(`it did not come to it: ${JSON.stringify(alarms)}`)
    await sleep(500)
  }
}

const inState = (alarms: readonly SeenAlarm[], key: string) => alarms.filter((alarm) => alarm.key === key).at(-1)?.state

it('alarms when all series of a topic fall silent at once, over a kill -9, and recovers when they come back', async () => {
  const lab = await RunLab.create()
  await lab.createTopic(1)
  const first = await lab.start('silence', PIPELINE)
  await first.ready()
  for (let i = 0; i < 8; i++) {
    await say(lab)
    await sleep(700)
  }
  // Nobody publishes any more: no record will ever close the periods.
  const silent = await until(lab, (alarms) => ['a', 'b'].every((key) => inState(alarms, key) === 'ALARM'))
  await first.kill()

  const second = await lab.start('silence', PIPELINE)
  await second.ready()
  await sleep(8_000)
  expect(await alarmsOf(lab)).toEqual(silent)
  for (let i = 0; i < 6; i++) {
    await say(lab)
    await sleep(700)
  }
  const recovered = await until(lab, (alarms) => ['a', 'b'].every((key) => inState(alarms, key) === 'OK'))
  expect(recovered.slice(0, silent.length)).toEqual(silent)
  expect(new Set(recovered.map(({ id }) => id)).size).toBe(recovered.length)
  expect((await second.stop()).code).toBe(0)
})
