import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const PREFIX = 'ssh_mcp_bridge_'

type Value = number | undefined
type Reading = Value | Readonly<Record<string, number>>

/** The bridge's own metrics, all under one prefix, and what they are, for the reference page. */
export class Declared {
  readonly #registers: Registry[]
  readonly #all: { readonly name: string; readonly labels: readonly string[] }[] = []

  constructor(registry: Registry) {
    this.#registers = [registry]
  }

  counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ ...this.#known(name, help, labelNames) })
  }

  histogram<L extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly L[] = [],
  ): Histogram<L> {
    return new Histogram({ ...this.#known(name, help, labelNames), buckets })
  }

  /** Asked at each scrape. With a label, a reading is a value for each of its values; what is undefined, or fails, is left out. */
  gauge(name: string, help: string, read: () => Reading | Promise<Reading>, label?: string): void {
    const known = this.#known(name, help, label === undefined ? [] : [label])
    new Gauge({
      ...known,
      async collect() {
        this.reset()
        const reading = await Promise.resolve()
          .then(read)
          .catch(() => undefined)
        if (reading === undefined) this.remove()
        else if (typeof reading === 'number') this.set(reading)
        else if (label !== undefined)
          for (const [value, amount] of Object.entries(reading)) this.set({ [label]: value }, amount)
      },
    })
  }

  async described() {
    const [registry] = this.#registers
    const all = (await registry?.getMetricsAsJSON()) ?? []
    return this.#all.flatMap(({ name, labels }) => {
      const metric = all.find((one) => one.name === name)
      return metric === undefined ? [] : [{ name, type: String(metric.type), labels, help: metric.help }]
    })
  }

  #known<L extends string>(name: string, help: string, labelNames: readonly L[]) {
    const full = `${PREFIX}${name}`
    this.#all.push({ name: full, labels: labelNames })
    return { name: full, help, labelNames: [...labelNames], registers: this.#registers }
  }
}
