import { type MetricDataQuery, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import type { AwsSession } from '../aws/aws-session';
import type { Metrics } from './environment-state';
import type { Gaps } from './gaps';
import { type Detail, METRIC_WINDOWS, type Measured, metricPlan } from './metric-plan';

/** Queries and values that one call may have (CloudWatch's API reference, GetMetricData). */
const MOST_QUERIES = 500;
const MOST_VALUES = 100_800;

/** Reads the metrics of many things with as few calls as there can be. */
export class MetricReader {
  private readonly asked: Array<{ readonly query: MetricDataQuery; readonly name: string; readonly of: string }> = [];
  private readonly read = new Map<string, Record<string, readonly number[]>>();

  constructor(
    private readonly session: AwsSession,
    private readonly detail: Detail,
    private readonly now: Date,
  ) {}

  /** @returns the key that `metricsOf` knows it by */
  ask(measured: Measured, dimensions: Readonly<Record<string, string>>): string {
    const key = JSON.stringify([measured, dimensions]);
    const { namespace, statistics } = metricPlan(measured, this.detail);
    for (const [name, Stat] of Object.entries(statistics)) {
      const Metric = {
        Namespace: namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      };
      const query = { Id: `m${this.asked.length}`, MetricStat: { Metric, Stat, Period: this.window.period } };
      this.asked.push({ query, name, of: key });
    }
    return key;
  }

  async readAll(gaps: Gaps): Promise<void> {
    const { period, seconds } = this.window;
    const each = Math.min(MOST_QUERIES, Math.floor(MOST_VALUES / (seconds / period)));
    const chunks = Array.from({ length: Math.ceil(this.asked.length / each) }, (_, index) =>
      this.asked.slice(index * each, (index + 1) * each),
    );
    const refused = await Promise.all(
      chunks.map((chunk) =>
        this.readChunk(chunk).then(
          () => undefined,
          (error) => error,
        ),
      ),
    );
    // One gap, however many calls it takes.
    const [error] = refused.filter((each) => each !== undefined);
    if (error !== undefined) {
      await gaps.ask('metrics', 'cloudwatch:GetMetricData', () => Promise.reject(error));
    }
  }

  metricsOf(key: string): Metrics {
    return this.read.get(key) ?? {};
  }

  private get window() {
    return METRIC_WINDOWS[this.detail];
  }

  private async readChunk(chunk: typeof this.asked): Promise<void> {
    const byId = new Map(chunk.map((asked) => [asked.query.Id, asked]));
    const values = new Map<string, number[]>();
    const pages = paginateGetMetricData(
      { client: this.session.cloudWatch },
      {
        MetricDataQueries: chunk.map(({ query }) => query),
        StartTime: new Date(this.now.getTime() - this.window.seconds * 1_000),
        EndTime: this.now,
        ScanBy: 'TimestampAscending',
      },
      { abortSignal: this.session.signal },
    );
    const states = new Map<string, string>();
    for await (const { MetricDataResults = [] } of pages) {
      for (const { Id = '', Values = [], StatusCode = 'Complete' } of MetricDataResults) {
        values.set(Id, [...(values.get(Id) ?? []), ...Values]);
        states.set(Id, StatusCode);
      }
    }
    for (const [id, found] of values) {
      const asked = byId.get(id);
      if (asked !== undefined && found.length > 0) {
        const metrics = this.read.get(asked.of) ?? {};
        metrics[asked.name] = found;
        this.read.set(asked.of, metrics);
      }
    }
    const incomplete = [...states.values()].find((state) => state !== 'Complete');
    if (incomplete !== undefined) {
      throw Object.assign(new Error('CloudWatch gave some metrics in part only'), { name: incomplete });
    }
  }
}
