/**
 * Bytes that a node of each type has for data, in the order of a family's sizes.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html (`maxmemory` by node type)
 */
const BYTES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  t2: { micro: 581_959_680, small: 1_665_138_688, medium: 3_461_349_376 },
  t3: { micro: 536_870_912, small: 1_471_026_299, medium: 3_317_862_236 },
  m4: { large: 6_892_593_152, xlarge: 15_328_501_760, '2xlarge': 31_889_126_359, '4xlarge': 65_257_290_629 },
  m5: { large: 6_854_542_746, xlarge: 13_891_921_715, '2xlarge': 27_966_669_210, '4xlarge': 56_116_178_125 },
  m8g: { large: 7_294_178_820, xlarge: 15_222_495_510, '2xlarge': 31_866_224_640, '4xlarge': 65_856_864_256 },
  r4: { large: 13_201_781_556, xlarge: 26_898_228_839, '2xlarge': 54_197_537_997, '4xlarge': 108_858_546_586 },
  r5: { large: 14_037_181_030, xlarge: 28_261_849_702, '2xlarge': 56_711_183_565, '4xlarge': 113_609_865_216 },
  r8g: { large: 15_222_495_510, xlarge: 31_866_224_640, '2xlarge': 65_856_864_256, '4xlarge': 133_838_143_488 },
  c7gn: { large: 3_317_862_236, xlarge: 6_854_542_746, '2xlarge': 13_891_921_715, '4xlarge': 27_966_669_210 },
  c8gn: { large: 3_330_020_474, xlarge: 7_294_178_820, '2xlarge': 15_222_495_510, '4xlarge': 31_866_224_640 },
};

/** Families whose sizes have the same memory as another's. */
const SAME: Readonly<Record<string, string>> = { t4g: 't3', m6g: 'm5', m7g: 'm5', r6g: 'r5', r6gd: 'r5', r7g: 'r5' };

/** A laptop's node has this share of a node's memory. */
const SCALE = 1 / 8;

/** More than this no node here may take, whatever its type: the largest types of most families end up at it. */
const MOST_BYTES = 1024 ** 3;

/** What a node of a type that is not in the table may take. */
const UNKNOWN_BYTES = 128 * 1024 ** 2;

/** Bytes of data that a node may hold here: an eighth of what its type holds, and at most 1 GiB. */
export function nodeMemoryBytes(nodeType: string): number {
  const [, family = '', size = ''] = nodeType.split('.');
  const bytes = BYTES[SAME[family] ?? family]?.[size];
  if (bytes !== undefined) {
    return Math.min(MOST_BYTES, Math.floor(bytes * SCALE));
  }
  // All sizes beyond the table hold more than eight times what a node here may take.
  return /^\d+xlarge$/.test(size) && family !== '' ? MOST_BYTES : UNKNOWN_BYTES;
}
