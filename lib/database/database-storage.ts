import { Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { enforce, wholeNumber } from '../limits';

/** Storage grows by itself up to so many times its size, unless said otherwise. */
const DEFAULT_GROWTH = 5;

/** A limit must lie above the size by a tenth of it (RDS user guide, USER_PIOPS.Autoscaling). */
const LEAST_GROWTH_PART = 10;

/** From this size on gp3 has speed to choose (RDS user guide, CHAP_Storage, gp3 for PostgreSQL and MySQL). */
const STRIPED_GIB = 400;

const LARGEST_GIB = 65_536;

/** Size and growth of a database's storage. */
export interface StorageSizeOptions {
  /**
   * Size in GiB: 20 to 65536 for gp3, 100 to 65536 for io2.
   *
   * @default - 20 for gp3, 100 for io2
   */
  readonly sizeGiB?: number;

  /**
   * Size in GiB up to which it grows by itself, at least a tenth above the size. It never shrinks.
   *
   * @default - five times the size
   */
  readonly maxSizeGiB?: number;
}

/** Options of gp3 storage. */
export interface Gp3StorageOptions extends StorageSizeOptions {
  /**
   * Operations a second, 12000 to 64000, for storage of at least 400 GiB.
   *
   * @default - 3000, and 12000 from 400 GiB on
   */
  readonly iops?: number;

  /**
   * MiB a second, 500 to 4000, for storage of at least 400 GiB.
   *
   * @default - 125, and 500 from 400 GiB on
   */
  readonly throughputMiBps?: number;
}

/** Options of io2 storage. */
export interface Io2StorageOptions extends StorageSizeOptions {
  /** Operations a second, 1000 to 256000 and at most 1000 a GiB. */
  readonly iops: number;
}

/** What a database keeps its data on. */
export class DatabaseStorage {
  /**
   * General purpose.
   *
   * @throws if size or speed are not what RDS has
   */
  static gp3(options: Gp3StorageOptions = {}): DatabaseStorage {
    const { iops, throughputMiBps } = options;
    const storage = new DatabaseStorage(rds.StorageType.GP3, 20, options, iops, throughputMiBps);
    const small = !Token.isUnresolved(storage.sizeGiB) && storage.sizeGiB < STRIPED_GIB;
    enforce([
      {
        broken: small && (iops !== undefined || throughputMiBps !== undefined),
        message: `\`iops\` and \`throughputMiBps\` of gp3 need a \`sizeGiB\` of at least ${STRIPED_GIB}, got ${storage.sizeGiB}: below it has 3000 operations and 125 MiB a second`,
      },
      ...(iops === undefined ? [] : [wholeNumber('iops', iops, 12_000, 64_000)]),
      ...(throughputMiBps === undefined ? [] : [wholeNumber('throughputMiBps', throughputMiBps, 500, 4_000)]),
    ]);
    return storage;
  }

  /**
   * Provisioned speed with little latency.
   *
   * @throws if size or speed are not what RDS has
   */
  static io2(options: Io2StorageOptions): DatabaseStorage {
    const storage = new DatabaseStorage(rds.StorageType.IO2, 100, options, options.iops);
    enforce([
      wholeNumber('iops', options.iops, 1_000, 256_000),
      {
        broken: !Token.isUnresolved(storage.sizeGiB) && options.iops > storage.sizeGiB * 1_000,
        message: `\`iops\` of io2 must be at most 1000 a GiB, got ${options.iops} for ${storage.sizeGiB} GiB`,
      },
    ]);
    return storage;
  }

  /** Size in GiB. */
  public readonly sizeGiB: number;
  /** Size in GiB up to which it grows. */
  public readonly maxSizeGiB: number;

  private constructor(
    /** Kind of storage. */
    public readonly type: rds.StorageType,
    smallestGiB: number,
    size: StorageSizeOptions,
    /** Operations a second, where they are chosen. */
    public readonly iops?: number,
    /** MiB a second, where they are chosen. */
    public readonly throughputMiBps?: number,
  ) {
    this.sizeGiB = size.sizeGiB ?? smallestGiB;
    this.maxSizeGiB = size.maxSizeGiB ?? Math.min(this.sizeGiB * DEFAULT_GROWTH, LARGEST_GIB);
    const known = !Token.isUnresolved(this.sizeGiB) && !Token.isUnresolved(this.maxSizeGiB);
    enforce([
      wholeNumber('sizeGiB', this.sizeGiB, smallestGiB, LARGEST_GIB),
      wholeNumber('maxSizeGiB', this.maxSizeGiB, smallestGiB, LARGEST_GIB),
      {
        broken:
          known && size.maxSizeGiB !== undefined && this.maxSizeGiB < this.sizeGiB + this.sizeGiB / LEAST_GROWTH_PART,
        message: `\`maxSizeGiB\` must be at least a tenth above \`sizeGiB\` (${this.sizeGiB}), got ${this.maxSizeGiB}`,
      },
    ]);
  }
}
