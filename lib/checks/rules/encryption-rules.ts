import { CACHE_CLUSTER, guide, REPLICATION_GROUP, type Rule, SERVERLESS_CACHE } from './rule';

/** What is sent to a cache and kept by it is encrypted. */
export const ENCRYPTION_RULES: readonly Rule[] = [
  {
    id: 'in-transit-encryption',
    severity: 'error',
    must: 'Connections to the cache are encrypted',
    otherwise: 'whoever is on the network between a client and a node reads sessions, cached rows and passwords',
    controls: {
      securityHub: ['ElastiCache.5'],
      nist: ['AC-4', 'IA-5(1)', 'SC-8', 'SC-8(1)', 'SC-13', 'SC-23'],
      pci: ['4.2.1'],
      hipaa: ['164.312(e)(1)'],
      lens: ['SEC 5'],
    },
    fix: 'transitEncryptionEnabled: true',
    page: guide('in-transit-encryption'),
    checks: [
      {
        types: [REPLICATION_GROUP, CACHE_CLUSTER],
        property: 'TransitEncryptionEnabled',
        holds: ['is_true(value)'],
      },
    ],
    relaxed: 'nothing that is worth reading is in an environment for development',
  },
  {
    id: 'in-transit-encryption-required',
    severity: 'warning',
    must: 'Connections without encryption are refused',
    otherwise: 'a client that was forgotten in a migration to TLS goes on in the clear, and nobody notices',
    controls: { securityHub: ['ElastiCache.5'], nist: ['SC-8', 'SC-13'], pci: ['4.2.1'], lens: ['SEC 5'] },
    fix: "transitEncryptionMode: 'required'",
    page: guide('in-transit-encryption-enable'),
    checks: [
      {
        types: [REPLICATION_GROUP],
        property: 'TransitEncryptionMode',
        holds: ['value in {null, "required"}'],
      },
    ],
    relaxed: 'both ways of connecting are part of trying a migration out',
  },
  {
    id: 'at-rest-encryption',
    severity: 'error',
    must: 'Disks, snapshots and swap of the cache are encrypted',
    otherwise: 'a snapshot that is exported or a disk that is taken out can be read',
    controls: {
      securityHub: ['ElastiCache.4'],
      nist: ['CA-9(1)', 'CM-3(6)', 'SC-13', 'SC-28', 'SC-28(1)', 'SC-7(10)', 'SI-7(6)'],
      pci: ['3.5.1'],
      hipaa: ['164.312(a)(2)(iv)'],
      lens: ['SEC 4'],
    },
    fix: 'atRestEncryptionEnabled: true',
    page: guide('at-rest-encryption'),
    checks: [{ types: [REPLICATION_GROUP], property: 'AtRestEncryptionEnabled', holds: ['is_true(value)'] }],
  },
  {
    id: 'customer-managed-key',
    severity: 'informational',
    must: 'The key that encrypts the cache is your own',
    otherwise: 'its use is not in your hands: you can neither revoke it nor see in CloudTrail who used it',
    controls: { nist: ['SC-12', 'SC-28'], lens: ['SEC 4'] },
    fix: 'kmsKeyId: key.keyId',
    page: guide('at-rest-encryption'),
    checks: [{ types: [REPLICATION_GROUP, SERVERLESS_CACHE], property: 'KmsKeyId', holds: ['given(value)'] }],
  },
];
