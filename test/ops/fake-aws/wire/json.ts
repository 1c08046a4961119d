import { JsonCodec2 } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from '../aws-error';
import type { Operation } from '../operation';
import { ownDates } from './own-dates';

/** How Smithy writes seconds since the epoch as a format of timestamps. */
const EPOCH_SECONDS = 7;

const codec = new JsonCodec2({ timestampFormat: { useTrait: true, default: EPOCH_SECONDS }, jsonName: false });

/** Reads a body as an operation's input. */
export async function jsonInput({ schema }: Operation, body: Buffer): Promise<object> {
  return (await codec.createDeserializer().read(NormalizedSchema.of(schema[4]), body.toString())) as object;
}

/** Writes the output of an operation, out of the schema that the client reads it by. */
export function jsonAnswer({ schema }: Operation, answer: object): Uint8Array {
  const serializer = codec.createSerializer();
  serializer.write(NormalizedSchema.of(schema[5]), ownDates(answer));
  const { buffer, byteOffset, byteLength } = serializer.flush();
  // Bytes alone: the serializer's own array warns of every use as text, which a copy of it looks for.
  return Buffer.from(buffer, byteOffset, byteLength);
}

export function jsonError({ code, message }: AwsError): string {
  return JSON.stringify({ __type: code, message });
}
