import { Token } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { enforce } from '../limits';

/**
 * What a new replication group is filled with. It matters at creation only: a change replaces the group and loses what it
 * holds, so leave it as it is once the group exists.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-restoring.html
 */
export class SnapshotSource {
  /** A snapshot of ElastiCache, by its name. */
  static snapshot(snapshotName: string): SnapshotSource {
    enforce([{ broken: snapshotName === '', message: 'the name of the snapshot to restore must not be empty' }]);
    return new SnapshotSource(snapshotName, []);
  }

  /**
   * RDB files in a bucket that ElastiCache may read: one, or one a shard, whose shards then need their `slots`.
   *
   * @param keys keys of the objects; AWS takes none with a comma
   */
  static s3(bucket: s3.IBucket, ...keys: string[]): SnapshotSource {
    enforce([
      { broken: keys.length === 0, message: '`SnapshotSource.s3` needs at least one key of an RDB file' },
      ...keys.map((key) => ({
        broken: !Token.isUnresolved(key) && (key === '' || key.includes(',')),
        message: `the key of an RDB file must not be empty or hold a comma, got ${JSON.stringify(key)}`,
      })),
    ]);
    return new SnapshotSource(
      undefined,
      keys.map((key) => bucket.arnForObjects(key)),
    );
  }

  private constructor(
    /** @internal */
    readonly _snapshotName: string | undefined,
    /** @internal */
    readonly _snapshotArns: string[],
  ) {}
}
