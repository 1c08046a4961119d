import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AssetManifestArtifact, CloudAssembly } from 'aws-cdk-lib/cx-api';
import { testFolder } from '../../engines/folders';
import { MotoServer } from '../../engines/moto';
import { Aws } from './aws';
import { Cdk } from './cdk';
import { DeployedStack } from './deployed-stack';
import { type Inventory, takeInventory } from './inventory';
import { DeploymentRecord } from './record';

const ACCOUNT = '123456789012';

/** Bucket that `cdk bootstrap` makes for assets. */
export const ASSETS = `cdk-hnb659fds-assets-${ACCOUNT}-us-east-1`;

/** The stacks of one environment, in the order they are made in. */
export interface DeployedEnvironment {
  readonly network: DeployedStack;
  readonly data: DeployedStack;
  readonly service: DeployedStack;
}

/** The project's own app, whose dev and prod were deployed to a new moto server. */
export class Deployment {
  /** Synthesizes once, bootstraps, and deploys prod and then dev, so that what dev makes can be told from the rest. */
  static async start(): Promise<Deployment> {
    const folder = testFolder();
    const record = join(folder, 'record');
    const server = await MotoServer.start({
      PYTHONPATH: join(__dirname, 'server'),
      PYTHONDONTWRITEBYTECODE: '1',
      DEPLOY_RECORD: record,
    });
    const deployment = new Deployment(folder, server, await Aws.of(server), new DeploymentRecord(record));
    try {
      await deployment.deploy();
    } catch (error) {
      await deployment.close();
      throw error;
    }
    return deployment;
  }

  readonly cdk: Cdk;
  /** What the account holds without dev, and with it. */
  inventories: { withoutDev: Inventory; withDev: Inventory } = { withoutDev: {}, withDev: {} };
  private stacks: Readonly<Record<string, DeployedStack>> = {};

  private constructor(
    readonly folder: string,
    private readonly server: MotoServer,
    readonly aws: Aws,
    readonly record: DeploymentRecord,
  ) {
    this.cdk = new Cdk(server, folder);
  }

  get all(): DeployedStack[] {
    return Object.values(this.stacks);
  }

  of(environment: string): DeployedEnvironment {
    const stack = (part: string) => this.stacks[`${environment}/${part}`] as DeployedStack;
    return { network: stack('network'), data: stack('data'), service: stack('service') };
  }

  /** Resources of a type, of all stacks. */
  wanted(type: string) {
    return this.all.flatMap((stack) => stack.wanted(type));
  }

  /** Deploys an environment of what was synthesized. @returns what the CLI prints */
  deployEnvironment(environment: string): Promise<string> {
    return this.cdk.command('deploy', `${environment}/*`, '--require-approval', 'never', '--method', 'direct');
  }

  /** Keys of all assets in the bucket, those that are templates too. */
  get assetKeys(): string[] {
    return this.assemblies
      .flatMap(({ artifacts }) => artifacts.filter((artifact) => artifact instanceof AssetManifestArtifact))
      .flatMap(({ contents }) => Object.values(contents.files ?? {}))
      .flatMap(({ destinations }) => Object.values(destinations).map(({ objectKey }) => objectKey));
  }

  /** The script that instances of an environment start with, as EC2 has it. */
  async userData(environment: string): Promise<string> {
    const { name } = this.of(environment).service.only('AWS::EC2::LaunchTemplate');
    const parameters = { LaunchTemplateId: name, Versions: ['$Latest'] };
    const { LaunchTemplateVersions } = await this.aws.call('ec2', 'describe_launch_template_versions', parameters);
    return Buffer.from(LaunchTemplateVersions[0].LaunchTemplateData.UserData, 'base64').toString();
  }

  /** The database of an environment, as RDS describes it. */
  async database(environment: string): Promise<any> {
    const { name } = this.of(environment).data.only('AWS::RDS::DBInstance');
    return (await this.aws.call('rds', 'describe_db_instances', { DBInstanceIdentifier: name })).DBInstances[0];
  }

  /** The load balancer of an environment, as the service describes it. */
  async loadBalancer(environment: string): Promise<any> {
    const { name } = this.of(environment).service.only('AWS::ElasticLoadBalancingV2::LoadBalancer');
    return (await this.aws.call('elbv2', 'describe_load_balancers', { LoadBalancerArns: [name] })).LoadBalancers[0];
  }

  /** Security groups of the templates, as EC2 describes them. */
  async securityGroups(...names: string[]): Promise<any[]> {
    return (await this.aws.call('ec2', 'describe_security_groups', { GroupIds: names })).SecurityGroups;
  }

  async close(): Promise<void> {
    this.aws.close();
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get assemblies(): CloudAssembly[] {
    const assembly = new CloudAssembly(this.cdk.assembly);
    return ['dev', 'prod'].map((stage) => assembly.getNestedAssembly(`assembly-${stage}`));
  }

  private async deploy(): Promise<void> {
    // The committed settings of prod are examples, and moto knows only certificates that were asked of it.
    const { CertificateArn } = await this.aws.call('acm', 'request_certificate', { DomainName: 'films.test' });
    await this.cdk.synth({ 'prod.certificateArn': CertificateArn, 'prod.alarmEmail': 'operators@films.test' });
    await this.cdk.command('bootstrap', `aws://${ACCOUNT}/us-east-1`);
    await this.deployEnvironment('prod');
    const withoutDev = await takeInventory(this.aws);
    await this.deployEnvironment('dev');
    this.inventories = { withoutDev, withDev: await takeInventory(this.aws) };
    const artifacts = this.assemblies.flatMap(({ stacks }) => stacks);
    const stacks = await Promise.all(
      artifacts.map(async (artifact) => [artifact.hierarchicalId, await DeployedStack.of(this.aws, artifact)] as const),
    );
    this.stacks = Object.fromEntries(stacks);
  }
}
