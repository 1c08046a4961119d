import type { Resource } from '../templates';
import { AddressSet, PUBLIC_ADDRESSES } from './address-set';
import { pathOf } from './construct-path';
import { aclFix, rangeText } from './crossing';
import { closedText, mergedLacks } from './missing';
import type { Network } from './network';
import type { Allowed, Way } from './network-acls';
import type { PortRange } from './ports';
import { ENDPOINT, FUNCTION } from './resource-types';
import type { RouteTable } from './routes';
import { MANAGED_PORTS, type Side, type Subnet, subnetIn, vpcIn } from './sides';
import { keyIn, listIn } from './values';

/** A service of AWS that a client asks at run time. */
export interface Service {
  readonly title: string;
  /** End of the names of its endpoints, after `com.amazonaws.<region>.`. */
  readonly name: string;
  /** Name in CDK's lists of endpoints. */
  readonly constant: string;
}

export const SECRETS_MANAGER: Service = {
  title: 'Secrets Manager',
  name: 'secretsmanager',
  constant: 'SECRETS_MANAGER',
};
export const S3: Service = { title: 'S3', name: 's3', constant: 'S3' };
export const LOGS: Service = { title: 'CloudWatch Logs', name: 'logs', constant: 'CLOUDWATCH_LOGS' };
export const MONITORING: Service = { title: 'CloudWatch', name: 'monitoring', constant: 'CLOUDWATCH_MONITORING' };

/** Whether a client reaches a service. */
export type ServiceConnection = { readonly from: Resource; readonly service: Service } & (
  | { readonly state: 'open'; readonly through: string }
  | { readonly state: 'closed'; readonly reason: string; readonly fix: string }
  | { readonly state: 'unknown'; readonly why: string }
);

type Judged =
  | { readonly state: 'open'; readonly through: string }
  | { readonly state: 'closed'; readonly lack: string; readonly fix: string }
  | { readonly state: 'unknown'; readonly why: string };

/** Everything outside, as a client's security groups see it. */
const INTERNET: Side = {
  label: 'the internet',
  groups: [],
  subnets: [],
  clientPorts: MANAGED_PORTS,
  publicAddress: true,
  isInternet: true,
};

const HTTPS: PortRange = { first: 443, last: 443 };

/**
 * Whether a client reaches a service of AWS: by an endpoint in its VPC, a NAT gateway or the internet gateway.
 *
 * Where an interface endpoint with a private name stands in the VPC, the service's name leads to that alone.
 */
export function serviceConnection(network: Network, from: Resource, service: Service): ServiceConnection {
  if (from.type === FUNCTION && from.properties.VpcConfig === undefined) {
    return { from, service, state: 'open', through: 'the network of AWS, as it is in no VPC' };
  }
  const side = network.sideOf(from);
  if (side.doubt !== undefined) {
    return { from, service, state: 'unknown', why: side.doubt };
  }
  const judged = new ServiceWays(network, from, side, service).judge();
  return judged.state === 'closed'
    ? {
        from,
        service,
        state: 'closed',
        reason: `nothing lets ${from.label} reach ${service.title}: ${judged.lack}`,
        fix: judged.fix,
      }
    : { from, service, ...judged };
}

/** The ways of one client to one service. */
class ServiceWays {
  constructor(
    private readonly network: Network,
    private readonly from: Resource,
    private readonly side: Side,
    private readonly service: Service,
  ) {}

  judge(): Judged {
    const endpoints = this.endpoints();
    const interfaces = endpoints.filter(
      ({ properties: { PrivateDnsEnabled: isNamed = false } }) => String(isNamed) !== 'false',
    );
    const gateways = endpoints.filter((endpoint) => !isInterface(endpoint));
    if (interfaces.length > 0 && gateways.length === 0) {
      const ways = interfaces.map((endpoint) => this.byInterface(endpoint));
      return ways.find(({ state }) => state === 'open') ?? worst(ways);
    }
    const groups = this.leavesGroups();
    return worst([groups, ...this.side.subnets.map((subnet) => this.outOf(subnet, gateways))].map(this.withDoubt));
  }

  /** Endpoints of the service in the client's VPC. */
  private endpoints(): Resource[] {
    const vpcs = this.side.subnets.map(({ vpc }) => vpc.key);
    const { templates } = this.network;
    return templates.all(ENDPOINT).filter(({ stack, properties, conditional }) => {
      const vpc = vpcIn(templates, { stack, value: properties.VpcId })?.key;
      const name = templates.text(stack, properties.ServiceName);
      return !conditional && vpc !== undefined && vpcs.includes(vpc) && name.endsWith(`.${this.service.name}`);
    });
  }

  /** What is closed is unknown where an endpoint stands somewhere that only a deploy knows. */
  private readonly withDoubt = (judged: Judged): Judged => {
    const { templates } = this.network;
    const doubtful = templates.all(ENDPOINT).find(({ stack, properties, conditional }) => {
      const name = templates.text(stack, properties.ServiceName);
      const isOurs = name.endsWith(`.${this.service.name}`) || /\$\{[^}]*\}$/.test(name);
      return isOurs && (conditional || vpcIn(templates, { stack, value: properties.VpcId }) === undefined);
    });
    return judged.state === 'closed' && doubtful !== undefined
      ? { state: 'unknown', why: `which service ${doubtful.label} leads to, and where from, is known to a deploy only` }
      : judged;
  };

  private byInterface(endpoint: Resource): Judged {
    const { network, from, side } = this;
    if (typeof endpoint.properties.PrivateDnsEnabled === 'object') {
      return { state: 'unknown', why: `whether ${endpoint.label} has the service's name is known to a deploy only` };
    }
    const target = network.sideOf(endpoint);
    const verdict = network.all(side, target, 443);
    switch (verdict.state) {
      case 'open':
        return { state: 'open', through: `the endpoint ${pathOf(endpoint)}` };
      case 'unknown':
        return verdict;
      case 'closed': {
        const pair = { templates: network.templates, from, to: endpoint, source: side, target, port: 443 };
        const { reason, fix } = closedText(pair, verdict);
        return { state: 'closed', lack: `its name leads to the endpoint ${endpoint.label}, and ${reason}`, fix };
      }
    }
  }

  /** Whether the client's own security groups let it out. */
  private leavesGroups(): Judged {
    const passage = this.network.groups.judge('egress', this.side, INTERNET, 443, 'ipv4');
    const labels = this.side.groups.map(({ label }) => label).join(' and ');
    return this.judgeSet(passage, PUBLIC_ADDRESSES, {
      lack: `the security group ${labels} has no egress on tcp 443 to ${this.service.title}`,
      fix: '`client.connections.allowToAnyIpv4(ec2.Port.tcp(443))`',
      doubts: passage.doubts,
      what: `the security groups of ${this.from.label} let out`,
    });
  }

  /** The way out of a subnet: by a gateway endpoint, a NAT gateway or the internet gateway. */
  private outOf(subnet: Subnet, gateways: readonly Resource[]): Judged {
    const { routes } = this.network;
    const table = routes.tableOf(subnet);
    const ownAcl = this.throughAcl(subnet, this.side.clientPorts);
    const gateway = gateways.find(({ stack, properties }) =>
      listIn(this.network.templates, { stack, value: properties.RouteTableIds }).some(
        (id) => table.key !== undefined && keyIn(this.network.templates, id.stack, id.value) === table.key,
      ),
    );
    if (gateway !== undefined) {
      return worst([ownAcl, { state: 'open', through: `the endpoint ${pathOf(gateway)}` }]);
    }
    if (table.doubt !== undefined) {
      return worst([ownAcl, { state: 'unknown', why: table.doubt }]);
    }
    return worst([ownAcl, this.byRoutes(subnet, table)]);
  }

  private byRoutes(subnet: Subnet, table: RouteTable): Judged {
    const { routes } = this.network;
    const sent = (kinds: readonly string[]) =>
      routes.sent(table, 'ipv4', ({ gateway: { kind } }) => kinds.includes(kind));
    const nats = table.routes.filter(({ gateway }) => gateway.kind === 'nat');
    const others = sent(['other', 'inside', 'peering']);
    if (sent(['nat']).sure.contains(PUBLIC_ADDRESSES)) {
      return worst(nats.map(({ gateway }) => this.byNat(subnet, gateway.resource, gateway.label)));
    }
    if (sent(['internet']).sure.contains(PUBLIC_ADDRESSES)) {
      return this.byInternetGateway(subnet);
    }
    const doubtful = table.routes.find(
      (route) => route.isConditional || ['other', 'inside', 'peering'].includes(route.gateway.kind),
    );
    const possible = sent(['nat', 'internet']).possible.or(others.possible);
    if (possible.meets(PUBLIC_ADDRESSES)) {
      return {
        state: 'unknown',
        why:
          doubtful === undefined
            ? `${table.label} leads to some addresses of the internet only`
            : `what ${doubtful.label} leads to ${doubtful.gateway.label} is known to a deploy only`,
      };
    }
    const { name, title, constant } = this.service;
    const kind = name === S3.name ? 'Gateway' : 'Interface';
    return {
      state: 'closed',
      lack:
        `${table.label} of ${subnet.label} has no route to a NAT gateway or an internet gateway, ` +
        `and ${subnet.vpc.label} has no endpoint of ${title}${name === S3.name ? ' in that table' : ''}`,
      fix: `\`vpc.add${kind}Endpoint('${constant}', { service: ec2.${kind}VpcEndpointAwsService.${constant} })\``,
    };
  }

  private byNat(subnet: Subnet, nat: Resource | undefined, label: string): Judged {
    if (nat?.type !== 'AWS::EC2::NatGateway') {
      return { state: 'unknown', why: `the NAT gateway ${label} is not in the templates` };
    }
    const { templates, routes } = this.network;
    if (nat.properties.ConnectivityType === 'private') {
      const fix = "`connectivityType: 'public'` and an `allocationId`";
      return { state: 'closed', lack: `the NAT gateway ${label} is a private one`, fix };
    }
    const home = subnetIn(templates, { stack: nat.stack, value: nat.properties.SubnetId });
    const table = routes.tableOf(home);
    const out = routes.sent(table, 'ipv4', ({ gateway: { kind } }) => kind === 'internet');
    const route = this.judgeSet(out, PUBLIC_ADDRESSES, {
      lack: `${table.label}, of the NAT gateway ${label}, has no route to an internet gateway`,
      fix: "`new ec2.CfnRoute(this, 'Way', { routeTableId, destinationCidrBlock: '0.0.0.0/0', gatewayId })`",
      doubts: table.doubt === undefined ? [] : [table.doubt],
      what: `${table.label} leads to`,
    });
    const inside = home.key === subnet.key ? [] : this.throughNatAcl(home, subnet);
    const through: Judged = { state: 'open', through: `the NAT gateway ${pathOf(nat)}` };
    return worst([route, this.throughAcl(home, MANAGED_PORTS), ...inside, through]);
  }

  private byInternetGateway(subnet: Subnet): Judged {
    const { publicAddress } = this.side;
    const has = publicAddress === 'subnet' ? (subnet.resource?.properties.MapPublicIpOnLaunch ?? false) : publicAddress;
    const { label } = this.from;
    if (has !== true && has !== false) {
      return { state: 'unknown', why: `whether ${label} has an address of the internet is known to a deploy only` };
    }
    return has
      ? { state: 'open', through: 'the internet gateway' }
      : {
          state: 'closed',
          lack: `${subnet.label} leads to an internet gateway, and ${label} has no address of the internet there`,
          fix: '`vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }`',
        };
  }

  /** The ACL of a subnet, for requests to the service and its answers. */
  private throughAcl(subnet: Subnet, clients: PortRange): Judged {
    return worst([
      this.acl(subnet, 'out', HTTPS, PUBLIC_ADDRESSES, '0.0.0.0/0'),
      this.acl(subnet, 'in', clients, PUBLIC_ADDRESSES, '0.0.0.0/0'),
    ]);
  }

  /** The ACL of a NAT gateway's subnet, for what comes from the client's subnet and goes back there. */
  private throughNatAcl(home: Subnet, { block, label }: Subnet): Judged[] {
    const addresses = block === undefined ? AddressSet.all : AddressSet.of([block]);
    return [
      this.acl(home, 'in', HTTPS, addresses, block?.cidr ?? label),
      this.acl(home, 'out', this.side.clientPorts, addresses, block?.cidr ?? label),
    ];
  }

  private acl(subnet: Subnet, way: Way, ports: PortRange, needed: AddressSet, object: string): Judged {
    const { acls } = this.network;
    const acl = acls.of(subnet);
    const allowed = acls
      .stretches([acl], ports)
      .map((part) => acls.allowed(acl, way, part, 'ipv4'))
      .reduce((one, two) => ({ sure: one.sure.and(two.sure), possible: one.possible.and(two.possible) }));
    const subject = `${acl.label} does not let tcp ${rangeText(ports)} ${way === 'in' ? 'in from' : 'out to'}`;
    const fix = aclFix(way, ports, object, acls.firstNumber(acl));
    const [merged] = mergedLacks([{ subject, object, fix }]) as [{ text: string; fix: string }];
    return this.judgeSet(allowed, needed, {
      lack: merged.text,
      fix: merged.fix,
      doubts: acls.doubtsAbout(acl),
      what: `${acl.label} lets through`,
    });
  }

  /** Of the internet, some addresses may be enough: which of them a service has is AWS's choice. */
  private judgeSet(
    { sure, possible }: Allowed,
    needed: AddressSet,
    told: { readonly lack: string; readonly fix: string; readonly doubts: readonly string[]; readonly what: string },
  ): Judged {
    if (sure.contains(needed)) {
      return { state: 'open', through: '' };
    }
    const isChoice = needed === PUBLIC_ADDRESSES || needed === AddressSet.all;
    if (isChoice ? possible.meets(needed) : possible.contains(needed)) {
      const why = `${told.what} only some of the addresses that ${this.service.title} may have`;
      return { state: 'unknown', why: told.doubts[0] ?? why };
    }
    return { state: 'closed', lack: told.lack, fix: told.fix };
  }
}

function isInterface({ properties }: Resource): boolean {
  return properties.VpcEndpointType === 'Interface';
}

/** What all of them together are: closed if one is, open if all are. */
function worst(judged: readonly Judged[]): Judged {
  const found = judged.find(({ state }) => state === 'closed') ?? judged.find(({ state }) => state === 'unknown');
  const through = judged.flatMap((each) => (each.state === 'open' && each.through !== '' ? [each.through] : []));
  return found ?? { state: 'open', through: [...new Set(through)].join(', ') };
}
