import { type IResource, Lazy, Resource, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { BINDING_VERSION, type CacheBinding } from '../../runtime/binding';
import type { CacheEngine } from './engine';

/** A cache that an application can be connected to. */
export interface ICache extends IResource, ec2.IConnectable {
  /** Engine and version. */
  readonly engine: CacheEngine;

  /** Host name of the endpoint that applications connect to. */
  readonly endpointAddress: string;

  /** Port of the endpoint. */
  readonly endpointPort: number;

  /** Lets an identity sign in: the cache and its user in one grant. */
  grantConnect(grantee: iam.IGrantable): iam.Grant;

  /**
   * The binding document for this cache alone, as JSON, to be given to compute in the environment variable
   * `CACHE_BINDINGS`. It holds nothing secret.
   *
   * @param name what the application calls the cache
   */
  binding(name: string): string;

  /**
   * The cache's entry of the binding.
   *
   * @internal
   */
  _bindingEntry(): CacheBinding;
}

/** What all caches share. */
export abstract class CacheBase extends Resource implements ICache {
  public abstract readonly engine: CacheEngine;
  public abstract readonly endpointAddress: string;
  public abstract readonly endpointPort: number;
  public abstract readonly connections: ec2.Connections;

  public abstract grantConnect(grantee: iam.IGrantable): iam.Grant;

  public binding(name: string): string {
    const document = {
      version: BINDING_VERSION,
      caches: { [name]: this._bindingEntry() },
      databases: {},
      metricsNamespace: Stack.of(this).stackName,
    };
    return Lazy.string({ produce: () => Stack.of(this).toJsonString(document) });
  }

  /**
   * The cache's entry of the binding.
   *
   * @internal
   */
  public abstract _bindingEntry(): CacheBinding;
}
