import type { IConstruct } from 'constructs';
import type { CacheBinding, DatabaseBinding } from '../../runtime/binding';
import { bindingText } from '../binding-document';
import { enforce } from '../limits';

const DOCUMENT = Symbol.for('cdk-elasticache.ClientBinding');

/** The one binding of a function or container, which several patterns may add to. */
export class ClientBinding {
  /** The binding of a client. */
  static of(client: IConstruct): ClientBinding {
    const holder = client as unknown as { [DOCUMENT]?: ClientBinding };
    holder[DOCUMENT] ??= new ClientBinding(client);
    return holder[DOCUMENT];
  }

  /** Caches by their names. */
  readonly caches: Record<string, CacheBinding> = {};
  /** Databases by their names. */
  readonly databases: Record<string, DatabaseBinding> = {};

  private constructor(private readonly client: IConstruct) {}

  /** Whether something was added. */
  get isUsed(): boolean {
    return Object.keys(this.caches).length + Object.keys(this.databases).length > 0;
  }

  /** The document, complete when the app is synthesized. */
  get text(): string {
    return bindingText(this.client, this);
  }

  /** @throws if the client uses the name already */
  addCache(name: string, entry: CacheBinding): void {
    this.add(this.caches, name, entry);
  }

  /** @throws if the client uses the name already */
  addDatabase(name: string, entry: DatabaseBinding): void {
    this.add(this.databases, name, entry);
  }

  private add<T>(entries: Record<string, T>, name: string, entry: T): void {
    enforce([
      {
        broken: Object.hasOwn(entries, name),
        message: `${this.client.node.path} uses \`${name}\` already: every binding needs a name of its own`,
      },
    ]);
    entries[name] = entry;
  }
}
