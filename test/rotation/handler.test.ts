import { randomUUID } from 'node:crypto';
import type { RedisClientType } from '@redis/client';
import { type RotationEvent, rotate } from '../../rotation/handler';
import { RunningEngines } from '../engines/running';

const SECRET = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:web';

/**
 * Stands for Secrets Manager, where nothing real can be had: versions with their stages, and the errors of the real one.
 */
class Secrets {
  readonly versions = new Map<string, { value?: string; stages: string[]; createdAt?: Date }>();
  rotationEnabled = true;

  constructor(login: object) {
    this.versions.set('v0', { value: JSON.stringify(login), stages: ['AWSCURRENT'] });
  }

  /** What Secrets Manager does before it calls the function. */
  start(): string {
    const token = randomUUID();
    this.versions.set(token, { stages: ['AWSPENDING'] });
    return token;
  }

  password(stage: string): string {
    return JSON.parse(this.at(stage)?.value ?? '{}').password;
  }

  send = async (command: any): Promise<any> => {
    const { input } = command;
    switch (command.constructor.name) {
      case 'DescribeSecretCommand':
        return {
          RotationEnabled: this.rotationEnabled,
          VersionIdsToStages: Object.fromEntries([...this.versions].map(([id, { stages }]) => [id, [...stages]])),
        };
      case 'GetSecretValueCommand': {
        const version =
          input.VersionId === undefined ? this.at(input.VersionStage) : this.versions.get(input.VersionId);
        if (version?.value === undefined || !version.stages.includes(input.VersionStage)) {
          throw Object.assign(new Error('no such version'), { name: 'ResourceNotFoundException' });
        }
        return { SecretString: version.value, CreatedDate: version.createdAt };
      }
      case 'GetRandomPasswordCommand':
        expect(input).toEqual({ PasswordLength: 64, ExcludePunctuation: true });
        return { RandomPassword: randomUUID().replaceAll('-', '').repeat(2) };
      case 'PutSecretValueCommand':
        this.versions.set(input.ClientRequestToken, {
          value: input.SecretString,
          stages: [...input.VersionStages],
          createdAt: new Date(),
        });
        return {};
      case 'UpdateSecretVersionStageCommand': {
        const from = this.versions.get(input.RemoveFromVersionId);
        const to = this.versions.get(input.MoveToVersionId);
        (from as { stages: string[] }).stages = ['AWSPREVIOUS'];
        (to as { stages: string[] }).stages = ['AWSCURRENT'];
        return {};
      }
      default:
        throw new Error(`unexpected ${command.constructor.name}`);
    }
  };

  private at(stage: string) {
    return [...this.versions.values()].find(({ stages }) => stages.includes(stage));
  }
}

/** Stands for ElastiCache's API in front of a real Valkey: it takes a while, and then the passwords are the engine's. */
class Caches {
  readonly changes: object[] = [];
  private busyFor = 0;
  private changedAt = new Date(0);

  constructor(private readonly apply: (passwords: string[], strategy?: string) => Promise<void>) {}

  send = async (command: any): Promise<any> => {
    const { input } = command;
    switch (command.constructor.name) {
      case 'DescribeUsersCommand':
        return { Users: [{ UserId: input.UserId, Status: this.status('active') }] };
      case 'DescribeReplicationGroupsCommand':
        return { ReplicationGroups: [{ Status: this.status('available'), AuthTokenLastModifiedDate: this.changedAt }] };
      case 'ModifyUserCommand':
        this.changed(input);
        await this.apply(input.Passwords);
        return {};
      case 'ModifyReplicationGroupCommand':
        this.changed(input);
        await this.apply([input.AuthToken], input.AuthTokenUpdateStrategy);
        return {};
      default:
        throw new Error(`unexpected ${command.constructor.name}`);
    }
  };

  private changed(input: object): void {
    if (this.busyFor > 0) {
      throw Object.assign(new Error('not in a valid state'), { name: 'InvalidUserStateFault' });
    }
    this.changes.push(input);
    this.changedAt = new Date();
    this.busyFor = 2;
  }

  private status(ready: string): string {
    this.busyFor -= this.busyFor > 0 ? 1 : 0;
    return this.busyFor > 0 ? 'modifying' : ready;
  }
}

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

function rotation(secrets: Secrets, caches: Caches, environment: Record<string, string>) {
  const options = { secrets, caches, environment, pollMs: 1, deadlineMs: 1_000 } as unknown as Parameters<
    typeof rotate
  >[1];
  return (Step: string, ClientRequestToken: string) =>
    rotate({ SecretId: SECRET, ClientRequestToken, Step } satisfies RotationEvent, options);
}

let engines: RunningEngines;
let administrator: RedisClientType;
let port: number;

beforeAll(async () => {
  engines = await RunningEngines.start();
  administrator = await engines.administrator();
  port = Number((await administrator.configGet('tls-port'))['tls-port']);
});
afterAll(async () => {
  administrator?.destroy();
  await engines?.stop();
});

/** Whether the user of the real Valkey signs in with it. */
const signsIn = async (password: string): Promise<boolean> => {
  try {
    (await engines.client(port, 'web', password)).destroy();
    return true;
  } catch {
    return false;
  }
};

describe('a user of a real Valkey', () => {
  /** The engine with one user, whose passwords are those that ElastiCache would give to its nodes. */
  async function user(password: string) {
    const apply = async (passwords: string[]) => {
      await administrator.sendCommand(['ACL', 'SETUSER', 'web', 'resetpass', ...passwords.map((one) => `>${one}`)]);
    };
    await administrator.sendCommand(['ACL', 'SETUSER', 'web', 'reset', 'on', '~*', '+@all']);
    await apply([password]);
    const secrets = new Secrets({ username: 'web', password, note: 'kept' });
    const caches = new Caches(apply);
    return { secrets, caches, step: rotation(secrets, caches, { USER_ID: 'web' }) };
  }

  test('changes its password, and at no time is one that a client may hold refused', async () => {
    const first = 'first-password-of-64-letters';
    const { secrets, caches, step } = await user(first);
    const connected = await engines.client(port, 'web', first);
    let current = first;

    for (let round = 0; round < 3; round += 1) {
      const token = secrets.start();
      for (const name of STEPS) {
        await step(name, token);
        // Whatever the secret says is current signs in, and so does what it said before this rotation.
        expect(await signsIn(secrets.password('AWSCURRENT'))).toBe(true);
        expect(await signsIn(current)).toBe(true);
        expect(await connected.ping()).toBe('PONG');
      }
      expect(secrets.password('AWSCURRENT')).not.toBe(current);
      current = secrets.password('AWSCURRENT');
    }

    // The first password ended with the second rotation.
    expect(await signsIn(first)).toBe(false);
    expect(caches.changes).toHaveLength(3);
    expect(JSON.parse(secrets.versions.get([...secrets.versions.keys()].at(-1) as string)?.value ?? '')).toMatchObject({
      username: 'web',
      note: 'kept',
    });
    connected.destroy();
  });

  test('every step may run twice', async () => {
    const { secrets, step } = await user('a-password-to-begin-with');
    const token = secrets.start();

    for (const name of STEPS) {
      await step(name, token);
      await step(name, token);
    }

    expect(await signsIn(secrets.password('AWSCURRENT'))).toBe(true);
    expect(secrets.versions.get(token)?.stages).toEqual(['AWSCURRENT']);
  });

  test('a rotation that fails halfway leaves the old password, and its repetition the new one', async () => {
    const { secrets, caches, step } = await user('a-password-to-begin-with');
    const token = secrets.start();
    const send = caches.send;
    await step('createSecret', token);
    caches.send = async () => {
      throw new Error('throttled');
    };
    await expect(step('setSecret', token)).rejects.toThrow('throttled');
    expect(await signsIn(secrets.password('AWSCURRENT'))).toBe(true);

    caches.send = send;
    for (const name of STEPS) {
      await step(name, token);
    }
    expect(await signsIn(secrets.password('AWSCURRENT'))).toBe(true);
  });
});

describe('the AUTH token of a group', () => {
  /** The engine with a token, that ElastiCache changes as it says: ROTATE keeps the one before, SET ends it. */
  async function start(UPDATE_STRATEGY: string) {
    const valid = ['a-token-to-begin-with'];
    const apply = async (changed: string[], strategy?: string) => {
      const [token] = changed as [string];
      valid.splice(0, valid.length, ...(strategy === 'SET' ? [token] : [...new Set([token, valid[0] as string])]));
      await administrator.sendCommand([
        'ACL',
        'SETUSER',
        'web',
        'reset',
        'on',
        '+@all',
        ...valid.map((one) => `>${one}`),
      ]);
    };
    await apply(valid, 'SET');
    const secrets = new Secrets({ username: 'web', password: 'a-token-to-begin-with' });
    const caches = new Caches(apply);
    return { secrets, caches, step: rotation(secrets, caches, { REPLICATION_GROUP_ID: 'sessions', UPDATE_STRATEGY }) };
  }

  test.each([
    ['ROTATE', ['ROTATE'], true],
    ['SET', ['ROTATE', 'SET'], false],
  ])(
    'is changed by %s, and what the secret says signs in at every step, each of which may run twice',
    async (strategy, calls, old) => {
      const { secrets, caches, step } = await start(strategy);
      const token = secrets.start();

      for (const name of STEPS) {
        await step(name, token);
        expect(await signsIn(secrets.password('AWSCURRENT'))).toBe(true);
        await step(name, token);
        expect(await signsIn(secrets.password('AWSCURRENT'))).toBe(true);
      }

      expect(await signsIn('a-token-to-begin-with')).toBe(old);
      expect([...new Set(caches.changes.map((change: any) => change.AuthTokenUpdateStrategy))]).toEqual(calls);
      expect(caches.changes.every((change: any) => change.AuthToken === secrets.password('AWSCURRENT'))).toBe(true);
    },
  );
});

test('an old AUTH token that has leaked ends, even if the last step failed after the secret said the new one', async () => {
  const secrets = new Secrets({ username: 'default', password: 'a-token-to-begin-with' });
  const caches = new Caches(async () => {});
  const step = rotation(secrets, caches, { REPLICATION_GROUP_ID: 'sessions', UPDATE_STRATEGY: 'SET' });
  const token = secrets.start();
  for (const name of STEPS.slice(0, -1)) {
    await step(name, token);
  }
  const send = caches.send;
  caches.send = async (command: any) => {
    if (command.input.AuthTokenUpdateStrategy === 'SET') {
      throw new Error('throttled');
    }
    return send(command);
  };

  await expect(step('finishSecret', token)).rejects.toThrow('throttled');
  caches.send = send;
  await step('finishSecret', token);

  expect(caches.changes.at(-1)).toMatchObject({ AuthTokenUpdateStrategy: 'SET' });
});

describe('fails', () => {
  const options = () => {
    const secrets = new Secrets({ username: 'web', password: 'a-password-to-begin-with' });
    return { secrets, caches: new Caches(async () => {}) };
  };

  test.each<[string, (secrets: Secrets) => string, Record<string, string>, string, string]>([
    ['if the version does not exist', () => 'nope', { USER_ID: 'web' }, 'createSecret', 'version nope of arn:'],
    [
      'if rotation is off',
      (secrets) => {
        secrets.rotationEnabled = false;
        return secrets.start();
      },
      { USER_ID: 'web' },
      'createSecret',
      'rotation is not enabled',
    ],
    [
      'if the version was current before',
      (secrets) => {
        secrets.versions.set('old', { value: '{}', stages: ['AWSPREVIOUS'] });
        return 'old';
      },
      { USER_ID: 'web' },
      'finishSecret',
      'is not AWSPENDING',
    ],
    ['if the step is none', (secrets) => secrets.start(), { USER_ID: 'web' }, 'dropSecret', 'unknown step'],
    ['if it does not know of what', (secrets) => secrets.start(), {}, 'setSecret', 'neither USER_ID nor'],
    [
      'if the secret is no login, without showing it',
      (secrets) => {
        (secrets.versions.get('v0') as { value: string }).value = '{"token":"very-secret"}';
        return secrets.start();
      },
      { USER_ID: 'web' },
      'createSecret',
      'must be a JSON object with `username` and `password`',
    ],
  ])('%s', async (_, prepare, environment, step, message) => {
    const { secrets, caches } = options();
    const token = prepare(secrets);

    const error = await rotation(secrets, caches, environment)(step, token).catch((cause) => cause);

    expect(error.message).toContain(message);
    expect(error.message).not.toContain('very-secret');
  });

  test('if ElastiCache is not done in time', async () => {
    const { secrets, caches } = options();
    const token = secrets.start();
    caches.send = async () => ({ Users: [{ Status: 'modifying' }] });
    const run = rotate({ SecretId: SECRET, ClientRequestToken: token, Step: 'testSecret' }, {
      secrets,
      caches,
      environment: { USER_ID: 'web' },
      pollMs: 1,
      deadlineMs: 20,
    } as unknown as Parameters<typeof rotate>[1]);

    await expect(run).rejects.toThrow('user web does not become active, it is modifying');
  });
});
