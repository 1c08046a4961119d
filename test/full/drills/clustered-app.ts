import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Application, CachedWebService, CacheNodeType, ReplicationGroup } from '../../../lib';
import { PROJECT } from '../../engines/folders';

/** Synthesizes the film portal with its sessions in cluster mode. @returns the assembly's directory */
export function synthesizeClustered(outdir: string): string {
  const app = new App({ outdir });
  const stack = new Stack(app, 'clustered', { env: { region: 'us-east-1' } });
  const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a', 'us-east-1b'] });
  new CachedWebService(stack, 'Service', {
    vpc,
    application: Application.fromDirectory(join(PROJECT, 'dist', 'service'), { environment: { DEVELOPMENT: 'true' } }),
    insecureHttp: true,
    allowFrom: ['10.0.0.0/8'],
    sessions: new ReplicationGroup(stack, 'Sessions', {
      vpc,
      nodeType: CacheNodeType.M7G_LARGE,
      shards: 3,
      replicasPerShard: 1,
      parameters: { 'maxmemory-policy': 'noeviction' },
    }),
  });
  return app.synth().directory;
}
