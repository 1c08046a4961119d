import { Writable } from 'node:stream';
import { isDeepStrictEqual, stripVTControlCharacters } from 'node:util';
import { formatDifferences, fullDiff } from '@aws-cdk/cloudformation-diff';
import type { Templates } from './templates';

/** What a deploy of `now` would change where `before` is deployed, by stack, in the words of `cdk diff`. */
export function differences(before: Templates, now: Templates): Record<string, string> {
  const stacks = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return Object.fromEntries(
    stacks
      .filter((stack) => !isDeepStrictEqual(before[stack], now[stack]))
      .map((stack) => [stack, inWords(before[stack], now[stack])]),
  );
}

function inWords(before?: Record<string, any>, now?: Record<string, any>): string {
  if (before === undefined || now === undefined) {
    return before === undefined ? 'a new stack' : 'no such stack any more';
  }
  const difference = fullDiff(printable(before), printable(now));
  if (difference.isEmpty) {
    return 'the same to CloudFormation, written in another way';
  }
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  formatDifferences(stream, difference);
  return stripVTControlCharacters(text).trim();
}

/** With `"true"` for `true`: the values of a boolean are not printed (formatter of cloudformation-diff 2.187.5). */
function printable(template: Record<string, any>): Record<string, any> {
  return JSON.parse(JSON.stringify(template), (_, value) => (typeof value === 'boolean' ? String(value) : value));
}
