import type { AutoScalingGroup, Instance } from '@aws-sdk/client-auto-scaling';
import type { Listener, LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { alarm } from './alarm';
import { type Part, resourcesOf, stateOf } from './part';
import { ago, arnOf, DAY_MS, hexOf, idOf, type Place, REGION, subnetOf, vpcOf, ZONES } from './place';

export interface FleetOptions {
  /** For example `prod-fleet`. */
  readonly id: string;
  readonly instances: number;
  readonly maximum: number;
  readonly instanceType: string;
  readonly hasAlarms: boolean;
}

/** A fleet of healthy instances behind a load balancer with a certificate. */
export function fleet(place: Place, options: FleetOptions): Part {
  const parts = [
    scalingGroup(place, options),
    loadBalancing(place, options),
    certificateMetrics(),
    ...(options.hasAlarms ? alarms(place, options) : []),
  ];
  return { resources: resourcesOf(parts), state: stateOf(parts) };
}

/** Where the fleet answers. */
export function addressOf(options: FleetOptions): string {
  return `https://${hostOf(options)}`;
}

function scalingGroup(place: Place, options: FleetOptions): Part {
  const { id, instances, maximum, instanceType } = options;
  const launchTemplate = { LaunchTemplateId: idOf('lt', id), LaunchTemplateName: id, Version: '4' };
  const running = Array.from(
    { length: instances },
    (_, index): Instance => ({
      InstanceId: idOf('i', `${id} ${index}`),
      InstanceType: instanceType,
      AvailabilityZone: ZONES[index % ZONES.length],
      LifecycleState: 'InService',
      HealthStatus: 'Healthy',
      LaunchTemplate: launchTemplate,
      ProtectedFromScaleIn: false,
    }),
  );
  const group: AutoScalingGroup = {
    AutoScalingGroupName: id,
    AutoScalingGroupARN: arnOf('autoscaling', `autoScalingGroup:${hexOf(id, 32)}:autoScalingGroupName/${id}`),
    LaunchTemplate: launchTemplate,
    MinSize: instances,
    MaxSize: maximum,
    DesiredCapacity: instances,
    DefaultCooldown: 300,
    AvailabilityZones: [...ZONES],
    LoadBalancerNames: [],
    TargetGroupARNs: [targetGroupOf(options)],
    HealthCheckType: 'ELB',
    HealthCheckGracePeriod: 180,
    Instances: running,
    CreatedTime: ago(place.now, 90 * DAY_MS),
    SuspendedProcesses: [],
    VPCZoneIdentifier: ZONES.map((zone) => subnetOf(place, zone)).join(','),
    EnabledMetrics: [],
    Tags: [],
    TerminationPolicies: ['Default'],
    NewInstancesProtectedFromScaleIn: false,
  };
  return {
    resources: {
      ServiceFleetLaunchTemplate: {
        type: 'AWS::EC2::LaunchTemplate',
        physicalId: launchTemplate.LaunchTemplateId,
        properties: { LaunchTemplateData: { InstanceType: instanceType } },
      },
      ServiceFleetGroup: {
        type: 'AWS::AutoScaling::AutoScalingGroup',
        physicalId: id,
        properties: {
          HealthCheckType: 'ELB',
          LaunchTemplate: {
            LaunchTemplateId: { Ref: 'ServiceFleetLaunchTemplate' },
            Version: { 'Fn::GetAtt': ['ServiceFleetLaunchTemplate', 'LatestVersionNumber'] },
          },
          MaxSize: String(maximum),
          MinSize: String(instances),
          TargetGroupARNs: [{ Ref: 'ServiceFleetTargets' }],
          VPCZoneIdentifier: ZONES.map((zone) => subnetOf(place, zone)),
        },
      },
    },
    state: {
      autoScalingGroups: [group],
      targetHealth: {
        [targetGroupOf(options)]: running.map(({ InstanceId }) => ({
          Target: { Id: InstanceId, Port: 8080 },
          HealthCheckPort: '8080',
          TargetHealth: { State: 'healthy' },
        })),
      },
    },
  };
}

function loadBalancing(place: Place, options: FleetOptions): Part {
  const { id } = options;
  const loadBalancer: LoadBalancer = {
    LoadBalancerArn: loadBalancerOf(options),
    DNSName: hostOf(options),
    CanonicalHostedZoneId: 'Z35SXDOTRQ7X7K',
    CreatedTime: ago(place.now, 90 * DAY_MS),
    LoadBalancerName: id,
    Scheme: 'internet-facing',
    VpcId: vpcOf(place),
    State: { Code: 'active' },
    Type: 'application',
    AvailabilityZones: ZONES.map((zone) => ({
      ZoneName: zone,
      SubnetId: subnetOf(place, zone),
      LoadBalancerAddresses: [],
    })),
    SecurityGroups: [idOf('sg', id)],
    IpAddressType: 'ipv4',
  };
  const listener: Listener = {
    ListenerArn: `${loadBalancerOf(options).replace(':loadbalancer/', ':listener/')}/${hexOf('https', 16)}`,
    LoadBalancerArn: loadBalancerOf(options),
    Port: 443,
    Protocol: 'HTTPS',
    Certificates: [{ CertificateArn: CERTIFICATE }],
    SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupOf(options) }],
  };
  return {
    resources: {
      ServiceFleetTargets: {
        type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
        physicalId: targetGroupOf(options),
        properties: { HealthCheckPath: '/healthz', Port: 8080, Protocol: 'HTTP', TargetType: 'instance' },
      },
      ServiceFleetLoadBalancer: {
        type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
        physicalId: loadBalancerOf(options),
        properties: { Scheme: 'internet-facing', Type: 'application' },
      },
      ServiceFleetLoadBalancerListener: {
        type: 'AWS::ElasticLoadBalancingV2::Listener',
        physicalId: listener.ListenerArn ?? '',
        properties: {
          Certificates: [{ CertificateArn: CERTIFICATE }],
          DefaultActions: [{ TargetGroupArn: { Ref: 'ServiceFleetTargets' }, Type: 'forward' }],
          LoadBalancerArn: { Ref: 'ServiceFleetLoadBalancer' },
          Port: 443,
          Protocol: 'HTTPS',
        },
      },
    },
    state: {
      loadBalancers: [loadBalancer],
      listeners: [listener],
      metrics: [
        {
          namespace: 'AWS/ApplicationELB',
          dimensions: { LoadBalancer: nameInMetrics(loadBalancerOf(options)) },
          values: {
            RequestCount: 3_000,
            HTTPCode_Target_5XX_Count: 1,
            HTTPCode_ELB_5XX_Count: 0,
            TargetResponseTime: 0.04,
          },
        },
      ],
    },
  };
}

const CERTIFICATE = arnOf('acm', 'certificate/00000000-0000-4000-8000-000000000000');

function certificateMetrics(): Part {
  return {
    resources: {},
    state: {
      metrics: [
        {
          namespace: 'AWS/CertificateManager',
          dimensions: { CertificateArn: CERTIFICATE },
          values: { DaysToExpiry: 210 },
        },
      ],
    },
  };
}

function alarms(place: Place, options: FleetOptions): Part[] {
  const LoadBalancer = nameInMetrics(loadBalancerOf(options));
  const TargetGroup = targetGroupOf(options).split(':').at(-1) as string;
  return [
    alarm(place, {
      logicalId: 'ServiceFleetAlarmsUnreachable',
      namespace: 'AWS/ApplicationELB',
      metric: 'HTTPCode_ELB_5XX_Count',
      statistic: 'Sum',
      dimensions: [{ LoadBalancer }],
      threshold: 10,
    }),
    alarm(place, {
      logicalId: 'ServiceFleetAlarmsUnhealthy',
      namespace: 'AWS/ApplicationELB',
      metric: 'UnHealthyHostCount',
      statistic: 'Minimum',
      dimensions: [{ LoadBalancer, TargetGroup }],
      threshold: 0,
    }),
  ];
}

function loadBalancerOf({ id }: FleetOptions): string {
  return arnOf('elasticloadbalancing', `loadbalancer/app/${id}/${hexOf(`${id} load balancer`, 16)}`);
}

function targetGroupOf({ id }: FleetOptions): string {
  return arnOf('elasticloadbalancing', `targetgroup/${id}/${hexOf(`${id} targets`, 16)}`);
}

/** For example `app/prod-fleet/0123456789abcdef`. */
function nameInMetrics(loadBalancerArn: string): string {
  return loadBalancerArn.split('loadbalancer/')[1] as string;
}

function hostOf({ id }: FleetOptions): string {
  return `${id}-1234567890.${REGION}.elb.amazonaws.com`;
}
