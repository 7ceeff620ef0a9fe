import { Gauge, type Registry } from 'prom-client'

/** One exposed value: the labels are an object that lives as long as its series, so that its text is kept. */
export interface SeriesValue {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/**
 * A gauge whose values have whatever labels their series have. prom-client's own gauges want one fixed set of label
 * names and hash the labels of every value; its registry, however, formats whatever `get` answers. Values reach it as
 * its histograms' do, as `sharedLabels`: it keeps their text beside the object, so labels are escaped once and not at
 * every scrape.
 */
export class SeriesGauge extends Gauge<string> {
  #values: readonly SeriesValue[] = []

  constructor(registry: Registry, spec: { readonly name: string; readonly help: string }) {
    super({ name: spec.name, help: spec.help, registers: [registry] })
  }

  replace(values: readonly SeriesValue[]): void {
    this.#values = values
  }

  override async get() {
    const values = this.#values.map(({ labels, value }) => ({ labels, value }))
    return { ...(await super.get()), values }
  }

  /** What the registry asks for instead of `get` when it writes text. */
  async getForPromString() {
    const values = this.#values.map(({ labels, value }) => ({ sharedLabels: labels, value }))
    return { ...(await super.get()), values }
  }
}
