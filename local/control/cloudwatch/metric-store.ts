import type { Clock } from '../clock';
import type { Dimensions, Measurement } from '../measurement';
import { type Datapoint, Minutes, RETENTION_MS } from './minutes';

/** How often everything is measured, in milliseconds. */
const INTERVAL_MS = 5_000;

/** A measurement that is so old is still good for an answer, in milliseconds. */
const FRESH_MS = 1_000;

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

/** Measures everything from time to time, and remembers it for a while. */
export class MetricStore {
  private readonly all = new Map<string, Minutes>();
  private measuring: Promise<void> | undefined;
  private measuredAt: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly measure: () => Promise<readonly Measurement[]>,
    private readonly clock: Clock,
  ) {}

  /** Measures at once, and from then on every few seconds. */
  start(): void {
    void this.refresh();
    this.timer = setInterval(() => void this.refresh(), INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Resolves once what is remembered is as old as an answer may be. */
  async refresh(): Promise<void> {
    if (this.measuredAt !== undefined && this.clock().getTime() - this.measuredAt < FRESH_MS) {
      return;
    }
    this.measuring ??= this.measureNow().finally(() => {
      this.measuring = undefined;
    });
    await this.measuring;
  }

  /** Of every thing that has the metric, minute by minute. Start and end are milliseconds since 1970. */
  datapoints({ namespace, name, dimensions }: Metric, start: number, end: number): Datapoint[] {
    const asked = keyOf(dimensions);
    return [...this.all.values()]
      .filter(
        ({ first }) =>
          first.namespace === namespace &&
          first.name === name &&
          first.dimensions.some((each) => keyOf(each) === asked),
      )
      .flatMap((minutes) => minutes.between(start, end));
  }

  private async measureNow(): Promise<void> {
    const measurements = await this.measure();
    const at = this.clock().getTime();
    this.measuredAt = at;
    for (const measurement of measurements) {
      const key = [measurement.namespace, measurement.name, keyOf(measurement.dimensions[0])].join('\n');
      const minutes = this.all.get(key) ?? new Minutes(measurement);
      this.all.set(key, minutes);
      minutes.add(measurement, at);
    }
    for (const [key, minutes] of this.all) {
      minutes.forget(at - RETENTION_MS);
      if (minutes.isEmpty) {
        this.all.delete(key);
      }
    }
  }
}

function keyOf(dimensions: Dimensions): string {
  return JSON.stringify(Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1)));
}
