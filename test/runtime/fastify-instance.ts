/** One instance of a service on fastify: `fastify-instance.ts ENGINE`. Tells its parent the address. */
import fastifyCookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import fastify from 'fastify';
import { connect } from '../../runtime';

async function main(engine: string): Promise<void> {
  const store = connect().sessionStore(engine, { userOf: (session) => session.member as string | undefined });
  const app = fastify();
  await app.register(fastifyCookie);
  await app.register(fastifySession, {
    secret: 'a secret of at least thirty-two letters',
    store,
    cookieName: 'connect.sid',
    cookie: { secure: false },
    saveUninitialized: false,
  });
  app.get('/sign-in', async (request) => {
    await request.session.regenerate();
    (request.session as any).member = 'Ada';
    return 'in';
  });
  app.get('/sign-out', async (request) => {
    await request.session.destroy();
    return 'out';
  });
  app.get('/session', async (request) => ({ ...request.session, cookie: undefined }));
  app.get<{ Params: { name: string } }>('/change/:name', async (request) => {
    // Slow enough for two to overlap.
    await new Promise((resolve) => setTimeout(resolve, 15));
    (request.session as any)[request.params.name] = true;
    return 'changed';
  });
  process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }));
}

void main(process.argv[2] as string);
