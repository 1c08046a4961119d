import * as http from 'node:http';
import * as https from 'node:https';
import type { DrillSample } from '../report/drill-result';
import type { UserSample } from './users';

/** A user waits no longer than this, in milliseconds. */
const PATIENCE_MS = 5_000;

/** Connections of all users together; each request has one. */
const CONNECTIONS = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };
const PROTOCOLS = {
  'http:': { request: http.request, agent: new http.Agent(CONNECTIONS) },
  'https:': { request: https.request, agent: new https.Agent(CONNECTIONS) },
};

export interface Answer {
  /** 0 when the connection failed, or the user's patience ended. */
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly ms: number;
  /** When it was asked, on `performance.now()`'s clock. */
  readonly askedAt: number;
}

interface Body {
  readonly type: string;
  readonly text: string;
}

const ANSWERS: ReadonlySet<unknown> = new Set<DrillSample['answer']>(['hit', 'miss', 'bypass']);

/** A browser: cookies, forms, and a stopwatch. */
export class Visitor {
  private readonly cookies = new Map<string, string>();

  /** @param address with `http:` or `https:` */
  constructor(private readonly address: string) {}

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  post(path: string, form: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('POST', path, {
      type: 'application/x-www-form-urlencoded',
      text: new URLSearchParams(form).toString(),
    });
  }

  put(path: string, value: unknown): Promise<Answer> {
    return this.send('PUT', path, { type: 'application/json', text: JSON.stringify(value) });
  }

  delete(path: string): Promise<Answer> {
    return this.send('DELETE', path);
  }

  private send(method: string, path: string, body?: Body): Promise<Answer> {
    const url = new URL(path, this.address);
    const { request, agent } = PROTOCOLS[url.protocol as keyof typeof PROTOCOLS];
    const askedAt = performance.now();
    return new Promise((resolve) => {
      const end = (status: number, text: string, headers: Answer['headers'] = {}) =>
        resolve({ status, body: text, headers, ms: performance.now() - askedAt, askedAt });
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const asked = request(
        url,
        {
          method,
          agent,
          timeout: PATIENCE_MS,
          headers: {
            ...(cookie === '' ? {} : { cookie }),
            ...(body === undefined
              ? {}
              : {
                  'content-type': body.type,
                  'content-length': String(Buffer.byteLength(body.text)),
                }),
          },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk) => {
            text += chunk;
          });
          answer.on('error', () => end(0, ''));
          answer.on('end', () => {
            this.keep(answer.headers['set-cookie']);
            end(answer.statusCode ?? 0, text, answer.headers);
          });
        },
      );
      const patience = setTimeout(() => asked.destroy(), PATIENCE_MS);
      asked.on('close', () => clearTimeout(patience));
      asked.on('error', () => end(0, ''));
      asked.end(body?.text);
    });
  }

  private keep(cookies: readonly string[] = []): void {
    for (const cookie of cookies) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}

/** A request as the report has it; its time is on `performance.now()`'s clock until the load is over. */
export function sampleOf(answer: Answer, action: DrillSample['action'], isOk: boolean): UserSample {
  const timing = String(answer.headers['server-timing'] ?? '');
  const duration = (name: string) => {
    const found = new RegExp(`(?:^|, )${name};dur=([\\d.]+)`).exec(timing)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const by = answer.headers['x-cache'];
  const retryAfter = answer.headers['retry-after'];
  return {
    atMs: answer.askedAt,
    ms: answer.ms,
    action,
    status: answer.status,
    isOk,
    answer: action === 'browse' && ANSWERS.has(by) ? (by as DrillSample['answer']) : undefined,
    cacheMs: duration('cache'),
    databaseMs: duration('database'),
    slowestCallMs: duration('slowest-call'),
    waitMs: duration('wait'),
    retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
  };
}
