// What the machine of the first boot runs: it tells its environment, and ends its requests before it ends itself.
const { createServer } = require('node:http');

const server = createServer((request, response) => {
  console.log(`asked for ${request.url}`);
  if (request.url === '/environment') {
    response.end(JSON.stringify(process.env));
  } else if (request.url === '/slow') {
    setTimeout(() => response.end('slow', () => console.log('answered /slow')), 3_000);
  } else {
    response.end('ok');
  }
});

server.listen(Number(process.env.PORT), () => console.log('listening'));

process.on('SIGTERM', () => {
  console.log('was asked to end');
  server.close(() => console.log('ends'));
});
