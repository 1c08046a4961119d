/** One number of one thing at one moment, as CloudWatch is told it. */
export interface Measurement {
  /** For example `AWS/ElastiCache`. */
  readonly namespace: string;
  /** For example `CurrItems`. */
  readonly name: string;
  /** The sets of dimensions that it can be asked for by; no other thing has the first of them. */
  readonly dimensions: readonly [Dimensions, ...Dimensions[]];
  readonly value: number;
  /**
   * `level`: as it is now. `count`: so many since its life began; told as how many there were. `event`: the same, and
   * told only when there was one. `busy`: seconds since its life began; told as a share of the time, in percent.
   */
  readonly kind: 'level' | 'count' | 'event' | 'busy';
  /** Of what counts: with another one it counts from 0 again. */
  readonly life: string;
}

export type Dimensions = Readonly<Record<string, string>>;
