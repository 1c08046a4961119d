import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { LOOPBACK } from './port';
import { READER_HOST } from './reader-host';
import { giveTo, unprivilegedIdentity } from './unprivileged';

/** Paths of an environment's own certificate authority and of the certificate that all its engines show. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Makes a certificate authority for one environment, and a certificate for loopback signed by it. */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const ca = await generate([{ name: 'commonName', value: 'cdk-elasticache local environment' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: LOOPBACK },
          { type: 7, ip: READER_HOST },
        ],
      },
    ],
  });
  const paths = {
    ca: join(directory, 'ca.pem'),
    certificate: join(directory, 'server.pem'),
    key: join(directory, 'server.key'),
  };
  await writeFile(paths.ca, ca.cert);
  await writeFile(paths.certificate, server.cert);
  await writeFile(paths.key, server.private, { mode: 0o600 });
  // PostgreSQL reads the key as its own user, and accepts only a key that is its own or root's.
  giveTo(unprivilegedIdentity(), directory);
  return paths;
}
