import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { ICache } from '../cache/cache';
import { ReplicationGroupBase } from '../cache/replication-group-base';
import type { IDatabase } from '../database/database-base';
import type { WebFleet } from '../fleet/web-fleet';
import { enforce } from '../limits';

/** Columns that CloudWatch divides a dashboard into. */
const COLUMNS = 24;

/** Properties of a `CacheDashboard`. */
export interface CacheDashboardProps {
  /** The caches by the names that the application gives them; at least one. */
  readonly caches: { [name: string]: ICache };

  /**
   * The database that the caches relieve.
   *
   * @default - none is shown
   */
  readonly database?: IDatabase;

  /**
   * Names of the caches whose hits are queries that the database was spared. A session store is none of them.
   *
   * @default - all
   */
  readonly inFrontOfDatabase?: string[];

  /**
   * The fleet that uses them.
   *
   * @default - none is shown
   */
  readonly fleet?: WebFleet;

  /**
   * Name of the dashboard.
   *
   * @default - a name that CloudFormation makes
   */
  readonly dashboardName?: string;

  /**
   * How far back it looks at first.
   *
   * @default Duration.hours(3)
   */
  readonly defaultInterval?: Duration;
}

/**
 * The caches, the database that they relieve and the fleet that uses them side by side. In the middle stands what it is
 * all for: how many queries the database was spared.
 */
export class CacheDashboard extends Construct {
  /** The dashboard, to which more can be added. */
  public readonly dashboard: cloudwatch.Dashboard;

  /** @throws if there is no cache */
  constructor(scope: Construct, id: string, props: CacheDashboardProps) {
    super(scope, id);

    const caches = Object.entries(props.caches);
    const relieving = caches.filter(([name]) => props.inFrontOfDatabase?.includes(name) ?? true);
    const unknown = (props.inFrontOfDatabase ?? []).find((name) => !Object.hasOwn(props.caches, name));
    enforce([
      { broken: caches.length === 0, message: '`caches` must name at least one cache to show' },
      {
        broken: unknown !== undefined,
        message: `\`inFrontOfDatabase\` names ${unknown}, which is none of the \`caches\`: ${caches.map(([name]) => name).join(', ')}`,
      },
    ]);
    this.dashboard = new cloudwatch.Dashboard(this, 'Resource', {
      dashboardName: props.dashboardName,
      defaultInterval: props.defaultInterval ?? Duration.hours(3),
    });
    const { database, fleet } = props;
    const width = COLUMNS / [caches, database, fleet].filter((column) => column !== undefined).length;
    const columns = [
      caches.flatMap(([name, cache]) => cacheWidgets(width, name, cache)),
      ...(database === undefined ? [] : [databaseWidgets(width, database, relieving)]),
      ...(fleet === undefined ? [] : [fleetWidgets(width, fleet)]),
    ];
    this.dashboard.addWidgets(new cloudwatch.Row(...columns.map((widgets) => new cloudwatch.Column(...widgets))));
  }
}

function cacheWidgets(width: number, name: string, cache: ICache): cloudwatch.ConcreteWidget[] {
  return [
    new cloudwatch.GraphWidget({
      width,
      title: `${name}: answered and not (${cache.engine})`,
      left: [cache.metricHits({ label: 'hits' }), cache.metricMisses({ label: 'misses' })],
      right: [cache.metricHitRatio({ label: 'hit ratio, %' })],
      rightYAxis: { min: 0, max: 100 },
    }),
    new cloudwatch.GraphWidget({
      width,
      title: `${name}: evictions and connections`,
      left: [cache.metricEvictions({ label: 'evictions' })],
      right: [cache.metricConnections({ label: 'connections' })],
    }),
    ...(cache instanceof ReplicationGroupBase
      ? [
          new cloudwatch.GraphWidget({
            width,
            title: `${name}: busiest node`,
            left: [
              cache.metricEngineCpuUtilization({ label: 'engine CPU, %' }),
              cache.metricMemoryUsage({ label: 'memory, %' }),
            ],
            leftYAxis: { min: 0, max: 100 },
            right: [cache.metricReplicationLag({ label: 'replication lag, s' })],
          }),
        ]
      : []),
  ];
}

function databaseWidgets(
  width: number,
  database: IDatabase,
  caches: Array<[string, ICache]>,
): cloudwatch.ConcreteWidget[] {
  const { instance } = database;
  const reads = (pick: (cache: ICache) => cloudwatch.IMetric, letter: string, label: string) =>
    new cloudwatch.MathExpression({
      expression: `SUM([${caches.map((_, index) => `FILL(${letter}${index}, 0)`).join(', ')}])`,
      usingMetrics: Object.fromEntries(caches.map(([, cache], index) => [`${letter}${index}`, pick(cache)])),
      label,
    });
  const avoided = reads((cache) => cache.metricHits(), 'avoided', 'queries avoided');
  return [
    new cloudwatch.SingleValueWidget({
      width,
      title: 'Queries that the database was spared',
      metrics: [avoided],
      setPeriodToTimeRange: true,
    }),
    new cloudwatch.GraphWidget({
      width,
      title: 'Who answers: the caches or the database',
      left: [avoided, reads((cache) => cache.metricMisses(), 'asked', 'queries left to the database')],
      stacked: true,
    }),
    new cloudwatch.GraphWidget({
      width,
      title: 'Database',
      left: [instance.metricCPUUtilization({ label: 'CPU, %' })],
      leftYAxis: { min: 0, max: 100 },
      right: [
        instance.metricDatabaseConnections({ label: 'connections' }),
        instance.metric('ReadIOPS', { label: 'reads a second', statistic: cloudwatch.Stats.AVERAGE }),
      ],
    }),
  ];
}

function fleetWidgets(width: number, { loadBalancer, targetGroup }: WebFleet): cloudwatch.ConcreteWidget[] {
  return [
    new cloudwatch.GraphWidget({
      width,
      title: 'Requests',
      left: [loadBalancer.metrics.requestCount({ label: 'requests' })],
      right: [
        targetGroup.metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { label: 'errors of the service' }),
        loadBalancer.metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { label: 'errors of the load balancer' }),
      ],
    }),
    new cloudwatch.GraphWidget({
      width,
      title: 'Time to answer',
      left: [50, 99].map((percentile) =>
        targetGroup.metrics.targetResponseTime({
          label: `p${percentile}, s`,
          statistic: cloudwatch.Stats.percentile(percentile),
        }),
      ),
    }),
    new cloudwatch.GraphWidget({
      width,
      title: 'Instances',
      left: [
        targetGroup.metrics.healthyHostCount({ label: 'healthy' }),
        targetGroup.metrics.unhealthyHostCount({ label: 'not healthy' }),
      ],
    }),
  ];
}
