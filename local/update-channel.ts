import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import { Problem } from '../assembly/problem';
import { LOOPBACK } from './port';

/** Longest message that is taken, in bytes: a path. */
const LONGEST_MESSAGE = 65_536;

/** First characters of the last line of an answer. */
const DONE = 'done';
const FAILED = 'failed ';

/** Where another process asks a running environment to update itself. The token is only in a file of this user's. */
export interface UpdateAddress {
  readonly port: number;
  readonly token: string;
}

/** Lets another `up` of the same user update the environment that runs in this process. */
export class UpdateChannel {
  /** @param update runs an update. @param report is told each step */
  static async open(
    update: (assembly: string, report: (line: string) => void) => Promise<void>,
  ): Promise<UpdateChannel> {
    const channel = new UpdateChannel(update);
    await new Promise<void>((resolve, reject) => {
      channel.server.once('error', reject);
      channel.server.listen({ host: LOOPBACK, port: 0 }, resolve);
    });
    return channel;
  }

  private readonly token = randomBytes(32).toString('base64url');
  private readonly server: Server;

  private constructor(update: (assembly: string, report: (line: string) => void) => Promise<void>) {
    this.server = createServer((incoming, answer) => {
      if (!this.knows(incoming.headers.authorization)) {
        answer.writeHead(403).end();
        return;
      }
      let assembly = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk) => {
        assembly += chunk;
        if (assembly.length > LONGEST_MESSAGE) {
          incoming.destroy();
        }
      });
      incoming.on('end', () => {
        answer.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
        update(assembly, (line) => answer.write(`${line}\n`)).then(
          () => answer.end(`${DONE}\n`),
          (error: Error) => answer.end(`${FAILED}${JSON.stringify(error.message)}\n`),
        );
      });
    });
  }

  get address(): UpdateAddress {
    return { port: (this.server.address() as { port: number }).port, token: this.token };
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private knows(authorization: string | undefined): boolean {
    const [given, wanted] = [Buffer.from(authorization ?? ''), Buffer.from(`Bearer ${this.token}`)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}

/**
 * Asks a running environment to bring itself in line with an assembly.
 *
 * @throws Problem with what the environment said when it could not
 */
export function askForUpdate(
  { port, token }: UpdateAddress,
  assembly: string,
  report: (line: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: LOOPBACK, port, method: 'POST', headers: { authorization: `Bearer ${token}` } },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => {
          text += chunk;
          for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
            const line = text.slice(0, end);
            text = text.slice(end + 1);
            if (line === DONE) {
              resolve();
            } else if (line.startsWith(FAILED)) {
              reject(new Problem(JSON.parse(line.slice(FAILED.length))));
            } else {
              report(line);
            }
          }
        });
        answer.on('close', () => reject(new Problem('the environment ended during the update')));
      },
    );
    asked.on('error', (error) => reject(new Problem(`the running environment does not answer: ${error.message}`)));
    asked.end(assembly);
  });
}
