import { Token } from 'aws-cdk-lib';

/**
 * Categories of commands. What ElastiCache refuses otherwise is "Access string contains invalid category(s)"; the list
 * is the one of `ACL CAT` on Valkey 8.0.
 */
const CATEGORIES = new Set(
  (
    'all admin bitmap blocking connection dangerous fast geo hash hyperloglog keyspace list pubsub read scripting set ' +
    'slow sortedset stream string transaction write'
  ).split(' '),
);

/** Words that stand alone in an access string. */
const KEYWORDS = new Set(
  'on off allkeys allchannels allcommands nocommands sanitize-payload skip-sanitize-payload clearselectors'.split(' '),
);

/** Rules of the engine that ElastiCache refuses, because users are changed through its API. */
const REFUSED = new Set('nopass resetpass reset resetkeys resetchannels'.split(' '));

/**
 * What a user may do: which commands, on which keys, over which channels. It never changes: each method returns a new
 * one.
 *
 * ```ts
 * AccessRules.readWrite().onKeys('app:*').onChannels('app:*')
 * ```
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html#Access-string
 */
export class AccessRules {
  /**
   * All that an application does, on all keys and channels, and none of the commands that could harm the cache or spy on
   * others: flush, reconfigure, list all keys, monitor (Well-Architected, ElastiCache lens, security 3).
   */
  static readWrite(): AccessRules {
    return new AccessRules(true, ['~*'], ['&*'], ['+@all', '-@admin', '-@dangerous', ...CLUSTER_CLIENTS], []);
  }

  /** Reads of all keys, and what a connection needs; no writes, no scripts, no channels. */
  static readOnly(): AccessRules {
    return new AccessRules(
      true,
      ['~*'],
      [],
      ['-@all', '+@read', '+@connection', '-@dangerous', ...CLUSTER_CLIENTS],
      [],
    );
  }

  /** Every command on every key and channel: for administrators, not for applications. */
  static all(): AccessRules {
    return new AccessRules(true, ['~*'], ['&*'], ['+@all'], []);
  }

  /** A user that is switched off: nobody signs in as it. */
  static off(): AccessRules {
    return new AccessRules(false, ['~*'], [], ['-@all'], []);
  }

  /**
   * An access string as the engine writes it, for example `on ~app:* &* +@all -@dangerous`, checked rule by rule. A
   * token is taken as it is.
   *
   * @throws if ElastiCache would refuse it: a password, a rule that resets, an unknown category, an incomplete rule
   */
  static parse(text: string): AccessRules {
    return new AccessRules(undefined, [], [], [], Token.isUnresolved(text) ? [text] : parseRules(text));
  }

  /**
   * @param enabled whether users may sign in; undefined where the parsed rules say it
   * @param keys rules of keys
   * @param channels rules of channels
   * @param commands rules of commands, in their order
   * @param parsed rules that were given as text, kept as they are
   */
  private constructor(
    private readonly enabled: boolean | undefined,
    private readonly keys: string[],
    private readonly channels: string[],
    private readonly commands: string[],
    private readonly parsed: string[],
  ) {}

  /**
   * The same on these keys only.
   *
   * @param patterns glob patterns, for example `app:*`
   */
  onKeys(...patterns: string[]): AccessRules {
    return this.withKeys(patterns.map((pattern) => `~${requirePattern('onKeys', pattern)}`));
  }

  /**
   * The same on these keys, which may be read but not written. Needs Valkey, or Redis OSS 7.0 or later.
   *
   * @param patterns glob patterns, for example `app:*`
   */
  onKeysReadOnly(...patterns: string[]): AccessRules {
    return this.withKeys(patterns.map((pattern) => `%R~${requirePattern('onKeysReadOnly', pattern)}`));
  }

  /**
   * The same over these channels of publish and subscribe only.
   *
   * @param patterns glob patterns, for example `app:*`; none of them forbids all channels
   */
  onChannels(...patterns: string[]): AccessRules {
    this.requireBuilt('onChannels');
    const channels = patterns.map((pattern) => `&${requirePattern('onChannels', pattern)}`);
    return new AccessRules(this.enabled, this.keys, channels, this.commands, []);
  }

  /**
   * The same, and these commands or categories too.
   *
   * @param commands for example `@scripting`, `info` or `config|get`
   */
  allow(...commands: string[]): AccessRules {
    return this.withCommands('+', commands);
  }

  /**
   * The same without these commands or categories.
   *
   * @param commands for example `@scripting`, `info` or `config|get`
   */
  deny(...commands: string[]): AccessRules {
    return this.withCommands('-', commands);
  }

  /** Whether a user with these rules may sign in. */
  get isOn(): boolean {
    const states = this.parsed.map((rule) => rule.toLowerCase()).filter((rule) => rule === 'on' || rule === 'off');
    // A user of whom nothing is said is off (dg/Clusters.RBAC); of a token nothing is known.
    return this.enabled ?? (states.at(-1) === 'on' || this.parsed.some((rule) => Token.isUnresolved(rule)));
  }

  /** Whether a rule needs Redis OSS 7.0 or Valkey: permissions by key (`%R~`), selectors (`(...)`), subcommands denied. */
  get needsRedis7(): boolean {
    return /(^| )(%[RW]+~|\(|clearselectors|-[a-z-]+\|)/i.test(this.toString());
  }

  /** Whether a rule is of channels, which Redis OSS knows from 6.2 on. */
  get hasChannels(): boolean {
    return /(^| )(&|allchannels)/i.test(this.toString());
  }

  /** The access string, as CloudFormation's `AccessString` has it. */
  toString(): string {
    const state = this.enabled === undefined ? [] : [this.enabled ? 'on' : 'off'];
    return [...state, ...this.keys, ...this.channels, ...this.commands, ...this.parsed].join(' ');
  }

  private withKeys(keys: string[]): AccessRules {
    this.requireBuilt('onKeys');
    if (keys.length === 0) {
      throw new Error('`onKeys` needs at least one pattern, for example `app:*`');
    }
    const others = this.keys.filter((key) => key !== '~*');
    return new AccessRules(this.enabled, [...others, ...keys], this.channels, this.commands, []);
  }

  private withCommands(sign: string, commands: string[]): AccessRules {
    this.requireBuilt(sign === '+' ? 'allow' : 'deny');
    const rules = commands.map((command) => `${sign}${command}`);
    for (const rule of rules.filter((one) => !Token.isUnresolved(one))) {
      requireRule(rule, rule);
    }
    return new AccessRules(this.enabled, this.keys, this.channels, [...this.commands, ...rules], []);
  }

  private requireBuilt(method: string): void {
    if (this.enabled === undefined) {
      throw new Error(`\`${method}\` cannot add to an access string that was given as text: write it into the text`);
    }
  }
}

/**
 * What a client of a cluster asks for the map of its shards. These commands are in no category that is only read, and with
 * Redis OSS 6 the whole of CLUSTER is in @admin.
 */
const CLUSTER_CLIENTS = ['+cluster|slots', '+cluster|shards', '+cluster|nodes', '+cluster|myid'];

function requirePattern(method: string, pattern: string): string {
  if (pattern === '' || /[\s()]/.test(pattern)) {
    throw new Error(
      `a pattern of \`${method}\` must not be empty or hold spaces or parentheses, got ${JSON.stringify(pattern)}`,
    );
  }
  return pattern;
}

/** The rules of a text, each checked; a selector `(...)` stays one rule. */
function parseRules(text: string): string[] {
  const rules = text.match(/\([^()]*\)|[^\s()]+|[()]/g) ?? [];
  if (rules.length === 0) {
    throw new Error('an access string must not be empty: `off -@all` allows nothing');
  }
  for (const rule of rules) {
    if (rule === '(' || rule === ')') {
      throw new Error(`the access string has an unmatched ${rule}, in ${JSON.stringify(hideSecrets(text))}`);
    }
    if (rule.startsWith('(')) {
      for (const inner of parseRules(rule.slice(1, -1).trim() || '-@all')) {
        requireRule(inner, text, true);
      }
    } else {
      requireRule(rule, text);
    }
  }
  return rules;
}

function requireRule(rule: string, text: string, inSelector = false): void {
  const lower = rule.toLowerCase();
  const problem = problemOf(lower, rule, inSelector);
  if (problem !== undefined) {
    throw new Error(`${problem}, in the access string ${JSON.stringify(hideSecrets(text))}`);
  }
}

function problemOf(lower: string, rule: string, inSelector: boolean): string | undefined {
  if (/^[><#!]/.test(rule)) {
    return (
      'an access string must not hold a password (`>`, `<`, `#` or `!`), AWS refuses it with "Password rules are not ' +
      'supported in Elasticache access string": give the user a secret instead'
    );
  }
  if (REFUSED.has(lower)) {
    return `\`${rule}\` is refused by AWS ("reset rule is not supported in Elasticache user api"): leave it out`;
  }
  if (KEYWORDS.has(lower)) {
    return inSelector && ['on', 'off', 'clearselectors'].includes(lower)
      ? `\`${rule}\` must not stand in a selector`
      : undefined;
  }
  if (/^db=\d+(,\d+)*$/.test(lower)) {
    return undefined;
  }
  if (/^~./.test(rule) || /^&./.test(rule) || /^%(R|W|RW|WR)~./i.test(rule)) {
    return undefined;
  }
  const category = /^[+-]@(.*)$/.exec(lower)?.[1];
  if (category !== undefined) {
    return CATEGORIES.has(category)
      ? undefined
      : `\`@${hideSecrets(category)}\` is no category of commands (there are: ${[...CATEGORIES].join(', ')})`;
  }
  if (/^[+-][a-z][a-z0-9._-]*(\|[a-z0-9_-]+)?$/.test(lower)) {
    return undefined;
  }
  return `\`${hideSecrets(rule)}\` is no access rule (AWS: "The access-string is invalid."); rules are on, off, ~keys, &channels, +command, -command, +@category, -@category`;
}

/** A text for messages, without all that may be a password, wherever it stands. */
function hideSecrets(text: string): string {
  return text.replace(/([><#!])[^\s]+/g, '$1…');
}
