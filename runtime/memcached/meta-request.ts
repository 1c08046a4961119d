import { LONGEST_LIFETIME_S } from './lifetime';
import { MemcachedError } from './memcached-error';
import type { MemcachedItem } from './memcached-item';
import type { ReplyCode } from './reply-parser';

export type StoreResult = 'stored' | 'not-stored' | 'exists' | 'not-found';

/** Something a node can be asked, and the promise of its answer. */
export abstract class MetaRequest<T = any> {
  /** The command without its opaque number and line end. */
  command = '';
  readonly value: Buffer | undefined = undefined;
  /** A CAS value as items have it, which holds for one node only. */
  readonly cas: string | undefined = undefined;
  /** The number that the answer repeats, so that it cannot be taken for the answer to another request. */
  opaque = 0;
  /** When the caller stops waiting, in whole milliseconds of the connection's clock; 0 before it is known. */
  deadlineAtMs = 0;
  isSettled = false;

  constructor(
    readonly key: string,
    private readonly resolvePromise: (result: T) => void,
    private readonly rejectPromise: (error: unknown) => void,
  ) {}

  /** Writes the command, for an item that lives at most so long on the node. */
  abstract render(mostLifetimeS: number): void;

  /**
   * Settles the promise with an answer.
   *
   * @returns false if it cannot be the answer to this request
   */
  abstract answer(code: ReplyCode, item: MemcachedItem | undefined): boolean;

  /** Settles the promise without asking: the CAS value is another node's, so the item is not the one it was read from. */
  answerOtherItem(): void {}

  resolve(result: T): true {
    if (!this.isSettled) {
      this.isSettled = true;
      this.resolvePromise(result);
    }
    return true;
  }

  reject(error: MemcachedError): void {
    if (!this.isSettled) {
      this.isSettled = true;
      this.rejectPromise(error);
    }
  }

  refuse(node: string, line: string): void {
    this.reject(new MemcachedError('REFUSED', `node ${node} answered ${line}`));
  }
}

/** `mg`: the item of a key. */
export class GetRequest extends MetaRequest<MemcachedItem | undefined> {
  leaseS = 0;
  touchS = 0;

  override render(mostLifetimeS: number): void {
    if (this.leaseS === 0 && this.touchS === 0) {
      this.command = `mg ${this.key} v c t`;
      return;
    }
    // In this order: a new placeholder lives as long as its lease, and `t` tells the life after both.
    const touch = this.touchS === 0 ? '' : ` T${Math.min(this.touchS, mostLifetimeS)}`;
    const lease = this.leaseS === 0 ? '' : ` N${Math.min(this.leaseS, mostLifetimeS)}`;
    this.command = `mg ${this.key}${touch}${lease} v c t`;
  }

  override answer(code: ReplyCode, item: MemcachedItem | undefined): boolean {
    return (code === 'VA' || code === 'EN') && this.resolve(item);
  }
}

/** `ms`: stores a value. */
export class SetRequest extends MetaRequest<StoreResult> {
  override readonly value: Buffer;
  override readonly cas: string | undefined;
  private readonly ttlS: number;
  private readonly mode: string;

  constructor(
    key: string,
    value: Buffer,
    options: { readonly ttlS: number; readonly cas: string | undefined; readonly mode: 'set' | 'add' },
    resolve: (result: StoreResult) => void,
    reject: (error: unknown) => void,
  ) {
    super(key, resolve, reject);
    this.value = value;
    this.cas = options.cas;
    this.ttlS = options.ttlS;
    this.mode = options.mode === 'add' ? ' ME' : '';
  }

  override render(mostLifetimeS: number): void {
    // More than the longest life is a point in time; in the gutter even that ends soon.
    const isTime = this.ttlS > LONGEST_LIFETIME_S && mostLifetimeS >= LONGEST_LIFETIME_S;
    const lifetimeS = isTime ? this.ttlS : Math.min(this.ttlS, mostLifetimeS);
    this.command = `ms ${this.key} ${this.value.length} T${lifetimeS}${casToken(this.cas)}${this.mode}`;
  }

  override answer(code: ReplyCode): boolean {
    switch (code) {
      case 'HD':
        return this.resolve('stored');
      case 'NS':
        return this.resolve('not-stored');
      case 'EX':
        return this.resolve('exists');
      case 'NF':
        return this.resolve('not-found');
      default:
        return false;
    }
  }

  override answerOtherItem(): void {
    this.resolve('exists');
  }
}

/** `md`: deletes an item. */
export class DeleteRequest extends MetaRequest<boolean> {
  override readonly cas: string | undefined;

  constructor(
    key: string,
    cas: string | undefined,
    resolve: (isDeleted: boolean) => void,
    reject: (error: unknown) => void,
  ) {
    super(key, resolve, reject);
    this.cas = cas;
  }

  override render(): void {
    this.command = `md ${this.key}${casToken(this.cas)}`;
  }

  override answer(code: ReplyCode): boolean {
    return (code === 'HD' || code === 'NF' || code === 'EX') && this.resolve(code === 'HD');
  }

  override answerOtherItem(): void {
    this.resolve(false);
  }
}

/** `mg` without a value: gives an item a new lifetime. */
export class TouchRequest extends MetaRequest<boolean> {
  ttlS = 0;

  override render(mostLifetimeS: number): void {
    this.command = `mg ${this.key} T${Math.min(this.ttlS, mostLifetimeS)}`;
  }

  override answer(code: ReplyCode): boolean {
    return (code === 'HD' || code === 'EN') && this.resolve(code === 'HD');
  }
}

/** `mn`: whether the node answers. */
export class NoopRequest extends MetaRequest<void> {
  override render(): void {
    this.command = 'mn';
  }

  override answer(code: ReplyCode): boolean {
    return code === 'MN' && this.resolve(undefined);
  }
}

/** Digits behind a node's own CAS value that say which node, and which run of it, the value came from. */
export const CAS_SUFFIX_DIGITS = 4;

const CAS = /^\d{1,24}$/;

/** @throws RangeError when it is not decimal text, which could otherwise end the command and begin another */
export function requireCas(cas: string): string {
  if (!CAS.test(cas)) {
    throw new RangeError('`cas` must be the `cas` of an item');
  }
  return cas;
}

function casToken(cas: string | undefined): string {
  return cas === undefined ? '' : ` C${cas.slice(0, -CAS_SUFFIX_DIGITS)}`;
}
