import type { Pricing } from './resource-lines';
import { list, text } from './template';

/** What networks cost. */
export const NETWORKS: Readonly<Record<string, Pricing>> = {
  'AWS::EC2::VPC': (_resource, lines) => {
    lines.byUse('data between Availability Zones, in each direction', 'data-transfer/zones');
    lines.byUse('data out to the internet', 'data-transfer/internet');
  },
  'AWS::EC2::NatGateway': (_resource, lines) => {
    lines.hours('NAT gateway', 'nat-gateway/hour', 1);
    lines.byUse('NAT gateway, data', 'nat-gateway/data');
  },
  'AWS::EC2::EIP': (_resource, lines) => {
    lines.hours('public IPv4 address', 'public-ipv4', 1);
  },
  'AWS::EC2::VPCEndpoint': (resource, lines) => {
    const { VpcEndpointType, SubnetIds } = resource.Properties ?? {};
    const kind = text(VpcEndpointType, 'Gateway');
    if (kind === 'Gateway') {
      lines.free('gateway endpoint', 'AWS charges nothing for it');
    } else if (kind === 'Interface') {
      const zones = list(SubnetIds)?.length;
      lines.hours(`interface endpoint in ${zones ?? 'some'} zones`, 'vpc-endpoint/hour', zones);
      lines.byUse('interface endpoint, data', 'vpc-endpoint/data');
    } else {
      lines.unknown(`${kind ?? 'some'} endpoint`, 'its price is not in the list');
    }
  },
  'AWS::EC2::FlowLog': (resource, lines) => {
    const toLogs = text(resource.Properties?.LogDestinationType, 'cloud-watch-logs') === 'cloud-watch-logs';
    lines.byUse('flow logs', toLogs ? 'logs/vended' : 'logs/vended-elsewhere');
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': (resource, lines) => {
    const { Type, Scheme, Subnets, SubnetMappings, IpAddressType } = resource.Properties ?? {};
    const kind = text(Type, 'application');
    lines.hours(`${kind ?? 'some'} load balancer`, kind && `elb/${kind}/hour`, 1);
    lines.byUse(`${kind ?? 'some'} load balancer, capacity units`, kind && `elb/${kind}/lcu`);
    const scheme = text(Scheme, 'internet-facing');
    if (scheme !== 'internal' && text(IpAddressType) !== 'dualstack-without-public-ipv4') {
      // A balancer with a scheme that only the deployment knows has addresses that only the deployment knows.
      const addresses = scheme === undefined ? undefined : list(Subnets ?? SubnetMappings)?.length;
      lines.hours('public IPv4 addresses of the load balancer', 'public-ipv4', addresses);
    }
  },
  'AWS::WAFv2::WebACL': (resource, lines) => {
    lines.units('web ACL', 'waf/web-acl', 1);
    lines.units('rules of the web ACL', 'waf/rule', list(resource.Properties?.Rules)?.length);
    lines.byUse('requests to the web ACL', 'waf/requests');
  },
  'AWS::Route53::HostedZone': (_resource, lines) => {
    lines.units('hosted zone', 'route53/hosted-zone', 1);
  },
};
