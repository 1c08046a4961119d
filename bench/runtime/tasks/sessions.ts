/** An instance of an application: sign-in, a request that works on the session for a while, and sign-out. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SESSION_STORES, type SessionStoreName } from '../clients/session-stores';

export async function sessions(setup: { readonly client: SessionStoreName; readonly port: number }) {
  // Here, so that no other task has them loaded.
  const [{ default: express }, { default: session }] = await Promise.all([
    import('express'),
    import('express-session'),
  ]);
  const store = await SESSION_STORES[setup.client](setup.port);
  const application = express();
  application.use(session({ store, secret: 'a secret of the benchmark', resave: false, saveUninitialized: false }));
  application.get('/sign-in', (request, response) => {
    Object.assign(request.session, { user: 'ada' });
    response.end();
  });
  application.get('/set/:field/:waitMs', async (request, response) => {
    const { field, waitMs } = request.params;
    await new Promise((resolve) => setTimeout(resolve, Number(waitMs)));
    Object.assign(request.session, { [field]: Date.now() });
    response.end();
  });
  application.get('/sign-out', (request, response) => {
    request.session.destroy(() => response.end());
  });
  application.get('/fields', (request, response) => {
    response.json(Object.keys(request.session));
  });
  const server = application.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: async (): Promise<string> => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
}
