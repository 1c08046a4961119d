import { setMaxListeners } from 'node:events';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { RDSClient } from '@aws-sdk/client-rds';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import pLimit, { type LimitFunction } from 'p-limit';
import { deadline } from './deadline';
import { AskedWronglyError, TimedOutError } from './problems';

// What Node.js the bundled SDK runs on is this package's to say.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** How often a call is tried, where AWS_MAX_ATTEMPTS does not say it: the SDK waits between tries, twice as long each time, with jitter, up to 20 s. */
const MOST_ATTEMPTS = 6;

/** How long one try may take to connect and to be answered, in milliseconds. */
const CONNECT_MS = 3_000;
const ANSWER_MS = 20_000;

/**
 * How many calls are in flight at once, of all services together. The lowest documented rate among the calls is
 * GetMetricData's 50 a second; eight at a time stay below it at more than 160 ms a call, and throttled ones wait.
 */
const AT_ONCE = 8;

/** Looked for once, whatever is asked: some take a login, or a process of their own. */
const CREDENTIALS = fromNodeProviderChain();

/** Answers are dated in whole seconds, and take their time: what is less than this tells nothing, in milliseconds. */
const CLOCK_RESOLUTION_MS = 2_000;

/** Where an environment is asked about. */
export interface AwsOptions {
  /** @default AWS_REGION, AWS_DEFAULT_REGION, then the profile's */
  readonly region?: string;
  /** One address for every service, instead of AWS's. On loopback no credentials are needed. */
  readonly endpointUrl?: string;
  /** How long everything together may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** What is asked of AWS in one run of a command: by which clients, how long, and which calls were made. */
export class AwsSession {
  readonly region: string;
  /** Aborts when the time is over, or when the user ends the command. */
  readonly signal: AbortSignal;
  readonly cloudFormation: CloudFormationClient;
  readonly elastiCache: ElastiCacheClient;
  readonly cloudWatch: CloudWatchClient;
  readonly rds: RDSClient;
  readonly autoScaling: AutoScalingClient;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
  readonly secretsManager: SecretsManagerClient;
  private readonly made = new Map<string, number>();
  private readonly limit: LimitFunction = pLimit(AT_ONCE);
  private readonly toClose: Array<{ destroy(): void }> = [];

  /** @throws AskedWronglyError when the endpoint is no address, or there is no region */
  static async open(options: AwsOptions): Promise<AwsSession> {
    const { endpointUrl } = options;
    if (endpointUrl !== undefined && !(/^https?:\/\//.test(endpointUrl) && URL.canParse(endpointUrl))) {
      throw new AskedWronglyError(`an endpoint is an address such as http://localhost:4566, got ${endpointUrl}`);
    }
    return new AwsSession(options, options.region ?? (await defaultRegion(endpointUrl)));
  }

  private constructor(options: AwsOptions, region: string) {
    this.region = region;
    const ended = deadline(options.timeoutMs, options.signal);
    this.toClose.push({ destroy: ended.end });
    this.signal = ended.signal;
    // Every call that is under way listens to it.
    setMaxListeners(0, this.signal);
    const configuration = {
      region,
      ...(process.env.AWS_MAX_ATTEMPTS === undefined ? { maxAttempts: MOST_ATTEMPTS } : {}),
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
      credentials: CREDENTIALS,
      ...endpointOf(options.endpointUrl),
    };
    this.cloudFormation = this.counted('cloudformation', new CloudFormationClient(configuration));
    this.elastiCache = this.counted('elasticache', new ElastiCacheClient(configuration));
    this.cloudWatch = this.counted('cloudwatch', new CloudWatchClient(configuration));
    this.rds = this.counted('rds', new RDSClient(configuration));
    this.autoScaling = this.counted('autoscaling', new AutoScalingClient(configuration));
    this.loadBalancing = this.counted('elasticloadbalancing', new ElasticLoadBalancingV2Client(configuration));
    this.secretsManager = this.counted('secretsmanager', new SecretsManagerClient(configuration));
  }

  /** Tries of each call so far, by its name in IAM, such as `elasticache:DescribeReplicationGroups`. */
  get calls(): ReadonlyMap<string, number> {
    return new Map([...this.made].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /**
   * Nothing is half known: what was not answered before the end is not taken for what is not there.
   *
   * @throws TimedOutError when the time is over
   */
  throwIfOver(): void {
    if (this.signal.aborted) {
      throw new TimedOutError('AWS did not answer everything in time; --timeout gives it longer');
    }
  }

  /** The time of day by AWS's clock. */
  now(): Date {
    return new Date(Date.now() + this.clockOffsetMs);
  }

  /** How far AWS's clock is ahead of this machine's, in milliseconds, as far as an answer of ElastiCache has told it. */
  get clockOffsetMs(): number {
    const { systemClockOffset: offset } = this.elastiCache.config;
    return Math.abs(offset) < CLOCK_RESOLUTION_MS ? 0 : offset;
  }

  /** Ends everything that is still being asked. */
  close(): void {
    for (const one of this.toClose) {
      one.destroy();
    }
  }

  /** Counts what a client asks, and lets so many of its calls wait that no more than `AT_ONCE` are in flight. */
  private counted<Client extends AnyClient>(service: string, client: Client): Client {
    this.toClose.push(client);
    // Nobody reads its log, and what it would log is looked through for secrets first: a tenth of a large answer's time.
    client.middlewareStack.remove('loggerMiddleware');
    client.middlewareStack.add(
      (next: Handler, context: { commandName?: string }) => (args: unknown) => {
        const action = `${service}:${context.commandName?.replace(/Command$/, '')}`;
        return this.limit(() => {
          this.signal.throwIfAborted();
          this.made.set(action, (this.made.get(action) ?? 0) + 1);
          return next(args);
        });
      },
      // After the retries: each try is a call, and none holds a place while it waits for the next.
      { step: 'finalizeRequest', name: 'countCalls', priority: 'low' },
    );
    return client;
  }
}

type Handler = (args: unknown) => Promise<unknown>;

interface AnyClient {
  readonly middlewareStack: { add(middleware: any, options: any): void; remove(name: string): boolean };
  destroy(): void;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Nothing on loopback checks who asks, but every request has to be signed. */
const ANYBODY = { accessKeyId: 'local', secretAccessKey: 'local' };

function endpointOf(endpointUrl: string | undefined) {
  return endpointUrl === undefined
    ? {}
    : { endpoint: endpointUrl, ...(isLoopback(endpointUrl) ? { credentials: ANYBODY } : {}) };
}

function isLoopback(endpointUrl: string | undefined): boolean {
  return endpointUrl !== undefined && LOOPBACK.test(new URL(endpointUrl).hostname);
}

async function defaultRegion(endpointUrl: string | undefined): Promise<string> {
  const named = process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  if (named) {
    return named;
  }
  if (isLoopback(endpointUrl)) {
    return 'us-east-1';
  }
  const client = new ElastiCacheClient({});
  try {
    return await client.config.region();
  } catch {
    throw new AskedWronglyError('no region: give --region, or set AWS_REGION');
  } finally {
    client.destroy();
  }
}
