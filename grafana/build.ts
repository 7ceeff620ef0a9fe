import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { anomalyBand } from './anomaly-band.ts'
import { fleetOverview } from './fleet-overview.ts'
import { forecastQuality } from './forecast-quality.ts'
import { pipelineOperations } from './pipeline-operations.ts'

/** File name under dashboards/, and what is in it. */
export const DASHBOARDS = [
  { file: 'anomaly-band.json', build: anomalyBand },
  { file: 'fleet-overview.json', build: fleetOverview },
  { file: 'forecast-quality.json', build: forecastQuality },
  { file: 'pipeline-operations.json', build: pipelineOperations },
] as const

export const dashboardPath = (file: string) => join(import.meta.dirname, 'dashboards', file)

/** The text of a dashboard's file: the same for the same source. */
export const dashboardText = (build: () => object) => `${JSON.stringify(build(), null, 2)}\n`

// Run as a program: writes every dashboard.
if (process.argv[1] === import.meta.filename) {
  for (const { file, build } of DASHBOARDS) writeFileSync(dashboardPath(file), dashboardText(build))
}
