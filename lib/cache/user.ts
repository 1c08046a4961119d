import { Names } from 'aws-cdk-lib';
import { CfnUser, CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import { Construct } from 'constructs';
import type { CacheEngine } from './engine';

/** Everything an application does, and none of the commands that could harm the cache (flush, reconfigure, spy). */
const APPLICATION_ACCESS = 'on ~* &* +@all -@admin -@dangerous';

/** Ids may be 40 characters long. */
const LONGEST_ID = 40;

/** Longest of the endings below. */
const LONGEST_ENDING = '-default'.length;

/** The user an application signs in as, with IAM tokens and no password, and the group that holds it. */
export class ApplicationUser extends Construct {
  /** Id of the user, which is also its name: IAM authentication asks for that. */
  readonly userId: string;
  /** ARN of the user. */
  readonly userArn: string;
  /** Id of the user group to attach to the cache. */
  readonly userGroupId: string;

  constructor(scope: Construct, id: string, engine: CacheEngine) {
    super(scope, id);

    const stem = resourceId(this);
    const user = new CfnUser(this, 'Resource', {
      engine: engine.name,
      userId: stem,
      userName: stem,
      accessString: APPLICATION_ACCESS,
      authenticationMode: { Type: 'iam' },
    });
    const users = [user];
    if (engine.name === 'redis') {
      // A `redis` group must hold a user named `default`. It is switched off, so that nobody signs in without a name.
      users.push(
        new CfnUser(this, 'DefaultUser', {
          engine: engine.name,
          userId: `${stem}-default`,
          userName: 'default',
          accessString: 'off ~* -@all',
          authenticationMode: { Type: 'no-password-required' },
        }),
      );
    }
    const group = new CfnUserGroup(this, 'Group', {
      engine: engine.name,
      userGroupId: `${stem}-group`,
      userIds: users.map(({ ref }) => ref),
    });

    this.userId = stem;
    this.userArn = user.attrArn;
    this.userGroupId = group.ref;
  }
}

/** Lower-case letters, digits and single hyphens, starting with a letter: what ids of users and groups are made of. */
function resourceId(scope: Construct): string {
  const name = Names.uniqueResourceName(scope, { maxLength: LONGEST_ID - LONGEST_ENDING, separator: '-' });
  return `${/^[a-z]/i.test(name) ? '' : 'u'}${name}`
    .toLowerCase()
    .replace(/-+/g, '-')
    .slice(0, LONGEST_ID - LONGEST_ENDING)
    .replace(/-$/, '');
}
