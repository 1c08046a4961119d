import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { ControlEndpoint } from '../../../local/control/control-endpoint';
import { FakeEnvironment } from './fake-environment';

/** What the clock shows at first. */
export const START = new Date('2026-03-01T12:00:00.000Z');

export interface ClientConfiguration {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

/** An endpoint over a fake environment, whose clock the test moves, and a client of the real SDK. */
export class StartedEndpoint {
  readonly client: ElastiCacheClient;
  /** For clients of other services. */
  readonly configuration: ClientConfiguration;

  static async start(environment = new FakeEnvironment()): Promise<StartedEndpoint> {
    const reports: string[] = [];
    const time = { now: START };
    const endpoint = await ControlEndpoint.start(environment, {
      clock: () => time.now,
      report: (line) => reports.push(line),
    });
    return new StartedEndpoint(environment, endpoint, reports, time);
  }

  private constructor(
    readonly environment: FakeEnvironment,
    readonly endpoint: ControlEndpoint,
    readonly reports: readonly string[],
    private readonly time: { now: Date },
  ) {
    this.configuration = {
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${endpoint.port}`,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
      maxAttempts: 1,
    };
    this.client = new ElastiCacheClient(this.configuration);
  }

  later(minutes: number): void {
    this.time.now = new Date(this.time.now.getTime() + minutes * 60_000);
  }

  async close(): Promise<void> {
    this.client.destroy();
    await this.endpoint.close();
  }
}

/** What a request is refused with. */
export async function refusal(request: Promise<unknown>): Promise<Error & { $metadata: { httpStatusCode?: number } }> {
  try {
    await request;
  } catch (error) {
    return error as Error & { $metadata: { httpStatusCode?: number } };
  }
  throw new Error('it was not refused');
}
