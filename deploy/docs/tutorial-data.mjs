// Nine days of a made-up latency, one value every ten minutes, with an incident of two hours on the ninth day.
//   node deploy/docs/tutorial-data.mjs csv|jsonl
const PERIOD_MS = 600_000
const DAY = 144
const START_MS = Date.UTC(2026, 2, 2)
const INCIDENT = { from: 8 * DAY + 84, to: 8 * DAY + 96 }

/** Noise that is the same in every run: the fraction of a large sine. */
const noise = (i) => {
  const x = Math.sin(i * 12.9898) * 43_758.5453
  return x - Math.floor(x) - 0.5
}

const jsonl = process.argv[2] === 'jsonl'
if (!jsonl) console.log('timestamp,value')
for (let i = 0; i < 9 * DAY; i++) {
  const usual = 120 + 35 * Math.sin((2 * Math.PI * (i - 50)) / DAY) + 8 * noise(i)
  const value = Number((usual * (i >= INCIDENT.from && i < INCIDENT.to ? 2.2 : 1)).toFixed(2))
  const timestamp = START_MS + i * PERIOD_MS
  const labels = { service: 'checkout', host: 'web-1' }
  if (jsonl) console.log(JSON.stringify({ name: 'http_latency_ms', labels, timestamp, value }))
  else console.log(`${new Date(timestamp).toISOString()},${value}`)
}
