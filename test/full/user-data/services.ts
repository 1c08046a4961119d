import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';

const TOKEN = 'a-token-of-the-metadata-service';

/** Something that listens on a socket of the file system. */
abstract class Service {
  private readonly server: Server = createServer((asked, response) => this.answer(asked, response));

  listen(path: string): Promise<void> {
    return new Promise((resolve) => this.server.listen(path, resolve));
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  protected abstract answer(asked: IncomingMessage, response: ServerResponse): void;
}

/** Stands for an instance's metadata service, version 2 only. */
export class MetadataService extends Service {
  /** What Auto Scaling is about to make of the instance; not there before its first change. */
  targetLifecycleState: string | undefined;

  constructor(private readonly instance: string) {
    super();
  }

  protected answer(asked: IncomingMessage, response: ServerResponse): void {
    if (asked.method === 'PUT' && asked.url === '/latest/api/token') {
      const ttl = asked.headers['x-aws-ec2-metadata-token-ttl-seconds'];
      response.writeHead(ttl === undefined ? 400 : 200, { 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds': ttl ?? '' });
      response.end(TOKEN);
    } else if (asked.headers['x-aws-ec2-metadata-token'] !== TOKEN) {
      response.writeHead(401).end();
    } else {
      const found = this.items()[(asked.url ?? '').replace('/latest/meta-data/', '')];
      response.writeHead(found === undefined ? 404 : 200).end(found);
    }
  }

  private items(): Record<string, string | undefined> {
    const credentials = {
      Code: 'Success',
      Type: 'AWS-HMAC',
      AccessKeyId: 'ASIATESTING',
      SecretAccessKey: 'testing',
      Token: 'testing',
      LastUpdated: '2030-01-01T00:00:00Z',
      Expiration: '2099-01-01T00:00:00Z',
    };
    return {
      'instance-id': this.instance,
      'autoscaling/target-lifecycle-state': this.targetLifecycleState,
      'iam/security-credentials/': 'Role',
      'iam/security-credentials/Role': JSON.stringify(credentials),
    };
  }
}

/** moto, with what it lacks of Auto Scaling: lifecycle states on the way to an end, and `CompleteLifecycleAction`. */
export class AwsServices extends Service {
  /** The state that all instances are in. */
  lifecycleState = 'InService';
  /** What `CompleteLifecycleAction` was called with, and when. */
  readonly completed: Array<{ at: number; parameters: Record<string, string> }> = [];
  /** How many of the next calls of it are refused. */
  refusals = 0;

  constructor(private readonly motoPort: number) {
    super();
  }

  protected async answer(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await asked.toArray());
    const parameters = Object.fromEntries(new URLSearchParams(body.length < 10_000 ? body.toString() : ''));
    if (parameters.Action === 'CompleteLifecycleAction') {
      this.complete(parameters, response);
      return;
    }
    const { host: _host, 'accept-encoding': _encoding, ...headers } = asked.headers;
    const forwarded = request(
      { host: '127.0.0.1', port: this.motoPort, method: asked.method, path: asked.url, headers },
      async (answered) => {
        const content = Buffer.concat(await answered.toArray());
        const changed =
          parameters.Action === 'DescribeAutoScalingInstances'
            ? Buffer.from(content.toString().replace(/(<LifecycleState>)[^<]*/g, `$1${this.lifecycleState}`))
            : content;
        const { 'content-length': _length, 'transfer-encoding': _transfer, ...kept } = answered.headers;
        response.writeHead(answered.statusCode as number, { ...kept, 'content-length': changed.length });
        response.end(changed);
      },
    );
    forwarded.on('error', () => response.writeHead(502).end());
    forwarded.end(body);
  }

  private complete(parameters: Record<string, string>, response: ServerResponse): void {
    this.completed.push({ at: Date.now(), parameters });
    if (this.refusals > 0) {
      this.refusals -= 1;
      response.writeHead(400, { 'content-type': 'text/xml' });
      response.end(
        '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>No active Lifecycle Action found</Message></Error></ErrorResponse>',
      );
      return;
    }
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(
      '<CompleteLifecycleActionResponse><CompleteLifecycleActionResult/><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></CompleteLifecycleActionResponse>',
    );
  }
}
