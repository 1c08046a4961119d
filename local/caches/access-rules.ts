import { Problem } from '../../assembly/problem';

/**
 * Commands that ElastiCache lets no user run, whatever the access string says, as rules that go behind it.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SupportedCommands.html (restricted commands)
 */
export const RESTRICTED_COMMANDS: readonly string[] = [
  ...['bgrewriteaof', 'bgsave', 'config', 'debug', 'migrate', 'psync', 'replicaof', 'save', 'shutdown', 'slaveof'],
  ...['sync', 'acl|setuser', 'acl|deluser', 'acl|load', 'acl|save'],
].map((command) => `-${command}`);

/** The rules of an access string, one each; a selector in parentheses is one. */
export function rulesOf(access: string): string[] {
  const rules: string[] = [];
  let selector: string[] | undefined;
  for (const word of access.split(/\s+/).filter((one) => one !== '')) {
    if (selector === undefined && word.startsWith('(') && !word.endsWith(')')) {
      selector = [word];
    } else if (selector !== undefined) {
      selector.push(word);
      if (word.endsWith(')')) {
        rules.push(selector.join(' '));
        selector = undefined;
      }
    } else if (word !== 'on' && word !== 'off') {
      rules.push(word);
    }
  }
  return selector === undefined ? rules : [...rules, selector.join(' ')];
}

/**
 * Gives a user the rules of its access string, one by one. A grant that an engine does not know is left out, since
 * nobody can have that command here.
 *
 * @param apply runs `ACL SETUSER` with the given rules
 * @returns the grants that were left out
 * @throws Problem for anything else that is not known: without a denial the user could do more here than it may
 */
export async function applyAccess(
  user: string,
  access: string,
  product: string,
  apply: (...rules: string[]) => Promise<unknown>,
): Promise<string[]> {
  const left: string[] = [];
  for (const rule of rulesOf(access)) {
    try {
      await apply(rule);
    } catch (error) {
      if (!isGrant(rule)) {
        throw new Problem(
          `${product} does not know the rule \`${rule}\` of the user ${user} (${(error as Error).message}): without it ` +
            'the user could do here what it must not. Install a newer engine, or take the rule out of the access string',
        );
      }
      left.push(rule);
    }
  }
  await apply(...RESTRICTED_COMMANDS);
  return left;
}

/** Whether a rule only ever lets a user do more. */
function isGrant(rule: string): boolean {
  return /^([+~&%(]|allcommands$|allkeys$|allchannels$)/.test(rule);
}
