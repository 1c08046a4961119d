/**
 * Changes a password when Secrets Manager says that it is time: of a user, or the AUTH token of a replication group.
 *
 * The new password joins the old one, so who is connected, or still holds the old one, loses nothing until the next
 * change. Secrets Manager calls each step in turn and repeats one that failed, so each step may run twice.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets_turn-on-for-other.html
 */
import {
  DescribeReplicationGroupsCommand,
  DescribeUsersCommand,
  ElastiCacheClient,
  ModifyReplicationGroupCommand,
  ModifyUserCommand,
} from '@aws-sdk/client-elasticache';
import {
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

/** Letters of a new password; ElastiCache allows 16 to 128. */
const PASSWORD_LENGTH = 64;

const CURRENT = 'AWSCURRENT';
const PENDING = 'AWSPENDING';

/** What Secrets Manager sends. */
export interface RotationEvent {
  readonly SecretId: string;
  readonly ClientRequestToken: string;
  readonly Step: string;
}

/** What a rotation works with; given by tests. */
export interface RotationOptions {
  readonly secrets: Pick<SecretsManagerClient, 'send'>;
  readonly caches: Pick<ElastiCacheClient, 'send'>;
  /** `USER_ID`, or `REPLICATION_GROUP_ID` and `UPDATE_STRATEGY`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Between two looks at whether ElastiCache is done. */
  readonly pollMs: number;
  /** Until when ElastiCache must be done. */
  readonly deadlineMs: number;
}

interface Login {
  readonly username: string;
  readonly password: string;
}

/** A login and when it was put into the secret. */
interface Version {
  readonly login: Login;
  readonly createdAt: Date;
}

/** The function's entry. */
export function handler(event: RotationEvent): Promise<void> {
  return rotate(event, {
    secrets: new SecretsManagerClient(),
    caches: new ElastiCacheClient(),
    environment: process.env,
    pollMs: 5_000,
    deadlineMs: 13 * 60_000,
  });
}

/** Runs one step. @throws Error when the secret or ElastiCache is not in a state that allows it */
export async function rotate(event: RotationEvent, options: RotationOptions): Promise<void> {
  const secret = new RotatingSecret(event, options.secrets);
  const target = targetOf(options);
  if (!(await secret.isPending())) {
    // The last step may have failed between its halves: then the old password is still valid.
    return event.Step === 'finishSecret' ? retireOld(secret, target) : undefined;
  }
  switch (event.Step) {
    case 'createSecret':
      return secret.create();
    case 'setSecret': {
      await target.untilReady();
      const [before, after] = [await secret.version(CURRENT), await secret.version(PENDING)];
      return target.accept(after.login.password, before.login.password, after.createdAt);
    }
    case 'testSecret':
      return target.untilReady();
    case 'finishSecret':
      await secret.finish();
      return retireOld(secret, target);
    default:
      throw new Error(`unknown step of a rotation: ${event.Step}`);
  }
}

/** Only once the secret says the new one: before, the old one has to stay valid. */
async function retireOld(secret: RotatingSecret, target: Target): Promise<void> {
  await target.untilReady();
  return target.retire((await secret.version(CURRENT)).login.password);
}

/** The secret, in the versions that a rotation knows. */
class RotatingSecret {
  constructor(
    private readonly event: RotationEvent,
    private readonly client: Pick<SecretsManagerClient, 'send'>,
  ) {}

  /** Whether this version waits. One that is current already was finished by an earlier call. */
  async isPending(): Promise<boolean> {
    const { RotationEnabled, VersionIdsToStages } = await this.describe();
    const stages = VersionIdsToStages?.[this.event.ClientRequestToken];
    if (RotationEnabled === false) {
      throw new Error(`rotation is not enabled for ${this.event.SecretId}`);
    }
    if (stages === undefined) {
      throw new Error(`version ${this.event.ClientRequestToken} of ${this.event.SecretId} does not exist`);
    }
    if (stages.includes(CURRENT)) {
      return false;
    }
    if (!stages.includes(PENDING)) {
      throw new Error(`version ${this.event.ClientRequestToken} of ${this.event.SecretId} is not ${PENDING}`);
    }
    return true;
  }

  async create(): Promise<void> {
    const { login: current } = await this.version(CURRENT);
    if (await this.exists(PENDING)) {
      return;
    }
    const { RandomPassword } = await this.client.send(
      new GetRandomPasswordCommand({ PasswordLength: PASSWORD_LENGTH, ExcludePunctuation: true }),
    );
    await this.client.send(
      new PutSecretValueCommand({
        SecretId: this.event.SecretId,
        ClientRequestToken: this.event.ClientRequestToken,
        SecretString: JSON.stringify({ ...current, password: RandomPassword }),
        VersionStages: [PENDING],
      }),
    );
  }

  async finish(): Promise<void> {
    const { VersionIdsToStages } = await this.describe();
    const before = Object.entries(VersionIdsToStages ?? {}).find(([, stages]) => stages.includes(CURRENT))?.[0];
    await this.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.event.SecretId,
        VersionStage: CURRENT,
        MoveToVersionId: this.event.ClientRequestToken,
        RemoveFromVersionId: before,
      }),
    );
  }

  async version(stage: string): Promise<Version> {
    const { SecretString, CreatedDate } = await this.client.send(
      new GetSecretValueCommand({
        SecretId: this.event.SecretId,
        VersionStage: stage,
        ...(stage === PENDING ? { VersionId: this.event.ClientRequestToken } : {}),
      }),
    );
    const login = parse(SecretString);
    if (typeof login?.username !== 'string' || typeof login.password !== 'string') {
      throw new Error(`secret ${this.event.SecretId} must be a JSON object with \`username\` and \`password\``);
    }
    return { login: login as Login, createdAt: CreatedDate ?? new Date(0) };
  }

  private async exists(stage: string): Promise<boolean> {
    try {
      await this.version(stage);
      return true;
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') {
        return false;
      }
      throw error;
    }
  }

  private describe() {
    return this.client.send(new DescribeSecretCommand({ SecretId: this.event.SecretId }));
  }
}

/** What a password is of. */
interface Target {
  /** Waits until it takes changes. @throws Error when it does not in time */
  untilReady(): Promise<void>;
  /** Makes the new password valid beside the old one. It was made at a time, before which no change was of it. */
  accept(after: string, before: string, madeAt: Date): Promise<void>;
  /** Ends the old one where that was asked for. */
  retire(after: string): Promise<void>;
}

function targetOf(options: RotationOptions): Target {
  const { caches, environment } = options;
  const { USER_ID: userId, REPLICATION_GROUP_ID: groupId, UPDATE_STRATEGY: strategy } = environment;
  if (userId !== undefined) {
    return {
      untilReady: () =>
        until(options, `user ${userId}`, async () => {
          const { Users } = await caches.send(new DescribeUsersCommand({ UserId: userId }));
          return Users?.[0]?.Status;
        }),
      accept: async (after, before) => {
        await caches.send(new ModifyUserCommand({ UserId: userId, Passwords: [after, before] }));
      },
      retire: async () => {},
    };
  }
  if (groupId !== undefined) {
    const describe = async () => {
      const { ReplicationGroups } = await caches.send(
        new DescribeReplicationGroupsCommand({ ReplicationGroupId: groupId }),
      );
      return ReplicationGroups?.[0];
    };
    const change = async (token: string, AuthTokenUpdateStrategy: 'ROTATE' | 'SET') => {
      await caches.send(
        new ModifyReplicationGroupCommand({
          ReplicationGroupId: groupId,
          AuthToken: token,
          AuthTokenUpdateStrategy,
          ApplyImmediately: true,
        }),
      );
    };
    return {
      untilReady: () => until(options, `replication group ${groupId}`, async () => (await describe())?.Status),
      accept: async (after, _, madeAt) => {
        const changedAt = (await describe())?.AuthTokenLastModifiedDate;
        // A second ROTATE with the same token would end the old one.
        if (changedAt === undefined || changedAt < madeAt) {
          await change(after, 'ROTATE');
        }
      },
      // AWS takes SET only after ROTATE.
      retire: async (after) => (strategy === 'SET' ? change(after, 'SET') : undefined),
    };
  }
  throw new Error('neither USER_ID nor REPLICATION_GROUP_ID is set');
}

async function until(
  { pollMs, deadlineMs }: RotationOptions,
  what: string,
  status: () => Promise<string | undefined>,
): Promise<void> {
  const endsAt = Date.now() + deadlineMs;
  for (;;) {
    const now = await status();
    // ElastiCache writes some of its states in lower case and some not.
    if (now?.toLowerCase() === 'active' || now?.toLowerCase() === 'available') {
      return;
    }
    if (Date.now() >= endsAt) {
      throw new Error(`${what} does not become active, it is ${now ?? 'unknown'}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** The parser's own message would quote the secret. */
function parse(text: string | undefined): Partial<Login> | undefined {
  try {
    return JSON.parse(text ?? '') as Partial<Login>;
  } catch {
    return undefined;
  }
}
