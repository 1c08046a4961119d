import type { Answer, Instance } from './instance';

/** A browser's cookies and forms. */
export class Visitor {
  cookie: string | undefined;

  async get(app: Instance, url: string): Promise<Answer> {
    return this.keep(await app.inject({ url, headers: this.headers() }));
  }

  async post(app: Instance, url: string, form: Record<string, string>): Promise<Answer> {
    const payload = new URLSearchParams(form).toString();
    const headers = { ...this.headers(), 'content-type': 'application/x-www-form-urlencoded' };
    return this.keep(await app.inject({ method: 'POST', url, headers, payload }));
  }

  /** Posts with the token of a page's form. */
  async submit(app: Instance, page: string, url: string, form: Record<string, string>) {
    return this.post(app, url, { ...form, _csrf: tokenIn(await this.get(app, page)) });
  }

  async signIn(app: Instance, name: string): Promise<void> {
    const response = await this.submit(app, '/sign-in', '/sign-in', { name });
    expect(response.statusCode).toBe(303);
  }

  private headers(): Record<string, string> {
    return { host: 'localhost', ...(this.cookie === undefined ? {} : { cookie: this.cookie }) };
  }

  private keep(response: Answer): Answer {
    const [set] = [response.headers['set-cookie'] ?? []].flat();
    if (set !== undefined) {
      this.cookie = set.split(';')[0];
    }
    return response;
  }
}

/** The token of a page's form; empty when it has none. */
export function tokenIn(page: Answer): string {
  return /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
}
