import { request } from 'node:http';
import { join } from 'node:path';
import { ManagedProcess, waitUntilReady } from '../../local/managed-process';
import { freePort } from '../../local/port';
import { PROJECT } from '../engines/folders';

export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  json(): any;
}

export interface Question {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: string;
}

/** One instance of the bundled service, as a process of its own. */
export class Instance {
  static async start(
    name: string,
    development: boolean,
    variables: Readonly<Record<string, string>>,
    folder: string,
  ): Promise<Instance> {
    const port = await freePort();
    const process = new ManagedProcess({
      name: `instance ${name}`,
      command: globalThis.process.execPath,
      args: [join(PROJECT, 'dist', 'service', 'server.js')],
      logFile: join(folder, `${name}.log`),
      environment: {
        ...variables,
        HOST: '127.0.0.1',
        PORT: String(port),
        INSTANCE_NAME: name,
        ...(development ? { DEVELOPMENT: 'true' } : {}),
      },
    });
    const instance = new Instance(port, process);
    await waitUntilReady(process, async () => void (await instance.inject('/healthz')), 15_000);
    return instance;
  }

  private constructor(
    readonly port: number,
    readonly process: ManagedProcess,
  ) {}

  inject(question: string | Question): Promise<Answer> {
    const { url, method = 'GET', headers = {}, payload } = typeof question === 'string' ? { url: question } : question;
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port: this.port, path: url, method, headers: { host: 'localhost', ...headers } },
        (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            body += chunk;
          });
          response.on('end', () =>
            resolve({
              statusCode: response.statusCode ?? 0,
              headers: response.headers,
              body,
              json: () => JSON.parse(body),
            }),
          );
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.setTimeout(10_000, () => sent.destroy(new Error(`${method} ${url} did not answer within 10 s`)));
      sent.end(payload);
    });
  }
}
