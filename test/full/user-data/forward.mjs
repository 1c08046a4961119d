// Carries connections between two networks that share a file system, each argument one way: `from=to`, where both are
// either a host and a port or the path of a socket. Runs in the machine's network, with the sockets of the test's.
import { connect, createServer } from 'node:net';

const address = (text) => {
  const [host, port] = text.split(':');
  return text.startsWith('/') ? { path: text } : { host, port: Number(port) };
};

for (const way of process.argv.slice(2)) {
  const [from, to] = way.split('=').map(address);
  const server = createServer((near) => {
    const far = connect(to);
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  server.listen(from, () => console.log(way));
}
