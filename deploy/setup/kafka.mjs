// Apache Kafka's jars for a broker on this machine, resolved by Maven from deploy/kafka/pom.xml, once per machine.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensurePrograms } from './debian.mjs'
import { cacheFolder, ROOT, run, say } from './shell.mjs'

const POM = join(ROOT, 'deploy', 'kafka', 'pom.xml')

/** The version that the pom asks for. */
export function kafkaVersion() {
  return /<kafka\.version>([^<]+)</.exec(readFileSync(POM, 'utf8'))?.[1] ?? 'unknown'
}

/** Where the jars are: src/adapters/kafka/local-broker.ts looks in the same place. */
export function kafkaLibs() {
  return cacheFolder('tidegauge', `kafka-${kafkaVersion()}`, 'libs')
}

/** Puts the jars and Java in place. */
export async function ensureKafka() {
  const libs = kafkaLibs()
  if (existsSync(libs)) return ensurePrograms(['java'], 'the Kafka broker')
  await ensurePrograms(['java', 'mvn'], 'the Kafka broker')
  say(`mvn: Apache Kafka ${kafkaVersion()} (54 MB) into ${libs}`)
  const staged = `${libs}.${process.pid}`
  mkdirSync(dirname(libs), { recursive: true })
  try {
    await run('mvn', ['-q', '-B', '-C', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${staged}`])
    // The folder appears whole or not at all; another set-up may have been faster.
    if (!existsSync(libs)) renameSync(staged, libs)
  } finally {
    rmSync(staged, { recursive: true, force: true })
  }
}
