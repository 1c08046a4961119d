import { type Check, type Rule, reference } from './rule';

const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const CONFIGURATION = 'AWS::AutoScaling::LaunchConfiguration';
const TEMPLATE = 'AWS::EC2::LaunchTemplate';
const METADATA_PAGE = 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html';

/** A launch template's data, or a launch configuration's properties. */
function launched(property: string, check: Omit<Check, 'types' | 'property'>): readonly Check[] {
  return [
    { types: [TEMPLATE], property: `LaunchTemplateData.${property}`, ...check },
    { types: [CONFIGURATION], property, ...check },
  ];
}

/** The Auto Scaling group that uses the cache. */
export const FLEET_RULES: readonly Rule[] = [
  {
    id: 'instance-metadata',
    severity: 'error',
    must: 'The metadata of instances is given to requests with a token only',
    otherwise: "a service that can be made to fetch a URL gives away the role's credentials",
    controls: {
      securityHub: ['EC2.8', 'EC2.170', 'AutoScaling.3'],
      nist: ['AC-3', 'AC-3(15)', 'AC-3(7)', 'AC-6'],
      pci: ['2.2.6'],
      cis: ['5.6'],
    },
    fix: "metadataOptions: { httpTokens: 'required' }",
    page: METADATA_PAGE,
    checks: launched('MetadataOptions.HttpTokens', { holds: ['value == "required"'] }),
  },
  {
    id: 'instance-metadata-hops',
    severity: 'warning',
    must: 'The metadata of instances does not leave the instance',
    otherwise: "a container on it, or what it forwards for, gets the role's credentials",
    controls: { securityHub: ['AutoScaling.4'], nist: ['CA-9(1)', 'CM-2'] },
    fix: 'metadataOptions: { httpPutResponseHopLimit: 1 }',
    page: METADATA_PAGE,
    checks: launched('MetadataOptions.HttpPutResponseHopLimit', { holds: ['value == null', 'number(value) <= 1'] }),
  },
  {
    id: 'instance-public-address',
    severity: 'error',
    must: 'Instances of the group have no public address',
    otherwise: 'they can be reached beside the load balancer',
    controls: {
      securityHub: ['AutoScaling.5', 'EC2.9', 'EC2.25'],
      nist: ['AC-4', 'AC-4(21)', 'SC-7', 'SC-7(11)'],
      pci: ['1.4.4'],
      hipaa: ['164.308(a)(3)(i)', '164.312(a)(1)'],
    },
    fix: 'associatePublicIpAddress: false',
    page: reference(TEMPLATE),
    checks: [
      {
        types: [TEMPLATE],
        property: 'LaunchTemplateData.NetworkInterfaces',
        each: true,
        wrong: 'asks for a public address',
        holds: ['is_false(object.get(value, "AssociatePublicIpAddress", false))'],
      },
      { types: [CONFIGURATION], property: 'AssociatePublicIpAddress', holds: ['is_false(value)'] },
    ],
  },
  {
    id: 'instance-volumes',
    severity: 'error',
    must: 'The disks of instances are encrypted',
    otherwise: 'what the service writes to them can be read from a snapshot',
    controls: {
      securityHub: ['EC2.3'],
      nist: ['CA-9(1)', 'CM-3(6)', 'SC-13', 'SC-28', 'SC-28(1)'],
      hipaa: ['164.312(a)(2)(iv)', '164.312(e)(2)(ii)'],
      cis: ['2.2.1'],
    },
    fix: 'blockDeviceMappings: [{ deviceName, ebs: { encrypted: true } }]',
    page: 'https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html',
    checks: launched('BlockDeviceMappings', {
      each: true,
      wrong: 'has a disk without encryption',
      holds: ['not is_object(object.get(value, "Ebs", null))', 'is_true(object.get(value.Ebs, "Encrypted", null))'],
    }),
    relaxed: 'nothing that is worth reading is in an environment for development',
  },
  {
    id: 'launch-template',
    severity: 'error',
    must: 'The group starts its instances from a launch template',
    otherwise: 'launch configurations get no new instance types and features, and new accounts cannot make them',
    controls: { securityHub: ['AutoScaling.9'], nist: ['CA-9(1)', 'CM-2'] },
    fix: 'launchTemplate: { launchTemplateId, version }',
    page: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/launch-templates.html',
    checks: [{ types: [GROUP], property: 'LaunchConfigurationName', holds: ['value == null'] }],
  },
  {
    id: 'fleet-zones',
    severity: 'error',
    must: 'The group is in two Availability Zones',
    otherwise: 'a zone that fails takes all instances with it',
    controls: {
      securityHub: ['AutoScaling.2'],
      nist: ['CP-6(2)', 'CP-10', 'SC-36', 'SC-5(2)', 'SI-13(5)'],
    },
    fix: 'vpcZoneIdentifier: vpc.privateSubnets.map(({ subnetId }) => subnetId)',
    page: reference(GROUP),
    checks: [
      {
        types: [GROUP],
        where: ['prop(name, ["AvailabilityZones"]) == null'],
        property: 'VPCZoneIdentifier',
        holds: ['several(value)'],
      },
      {
        types: [GROUP],
        where: ['prop(name, ["AvailabilityZones"]) != null'],
        property: 'AvailabilityZones',
        holds: ['several(value)'],
      },
    ],
    relaxed: 'one zone is enough to develop in',
  },
  {
    id: 'fleet-health',
    severity: 'error',
    must: 'The group replaces instances that the load balancer finds unhealthy',
    otherwise: 'an instance whose service has died stays, because its machine answers',
    controls: {
      securityHub: ['AutoScaling.1'],
      nist: ['CA-7', 'CP-2(2)', 'SI-2'],
      pci: ['2.2'],
      hipaa: ['164.312(b)'],
    },
    fix: "healthCheckType: 'ELB', healthCheckGracePeriod: 300",
    page: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-checks-overview.html',
    checks: [
      {
        types: [GROUP],
        where: ['some balancer in ["TargetGroupARNs", "LoadBalancerNames"]', 'prop(name, [balancer]) != null'],
        property: 'HealthCheckType',
        holds: ['contains(value, "ELB")'],
      },
    ],
  },
  {
    id: 'fleet-instance-types',
    severity: 'informational',
    must: 'The group takes several types of instances',
    otherwise: 'when there is no capacity of the one type, it does not grow',
    controls: { securityHub: ['AutoScaling.6'], nist: ['CP-10', 'SC-36', 'SI-13(5)'] },
    fix: 'mixedInstancesPolicy: { launchTemplate: { overrides: [{ instanceType }, { instanceType }] } }',
    page: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html',
    checks: [
      {
        types: [GROUP],
        property: 'MixedInstancesPolicy',
        wrong: 'names less than two types',
        holds: ['count(elements(object.get(value, ["LaunchTemplate", "Overrides"], null))) > 1'],
      },
    ],
  },
];
