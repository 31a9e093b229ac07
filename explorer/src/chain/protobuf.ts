// The few protobuf shapes the explorer reads and writes by hand: length-delimited fields and varints (proto3 encoding).

import { concat } from '../proof/bytes';

const decoder = new TextDecoder();

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest ? low | 0x80 : low);
  } while (rest);
  return Uint8Array.from(bytes);
}

/** A number's field; proto3 leaves zeros out. */
export const writeNumber = (field: number, value: number | bigint): Uint8Array =>
  BigInt(value) === 0n ? new Uint8Array() : concat(varint(field << 3), varint(value));

/** A length-delimited field. */
export const writeBytes = (field: number, bytes: Uint8Array): Uint8Array =>
  concat(varint((field << 3) | 2), varint(bytes.length), bytes);

/** The length-delimited fields of a message by number, its varints in `numbers`; others are skipped. Throws where the message is cut off. */
export function readFields(bytes: Uint8Array, numbers = new Map<number, bigint>()): Map<number, Uint8Array[]> {
  const fields = new Map<number, Uint8Array[]>();
  let at = 0;
  const number = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (at >= bytes.length || shift > 63n) throw new Error('the message is cut off');
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(number());
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        numbers.set(field, number());
        break;
      case 1:
        at += 8;
        break;
      case 5:
        at += 4;
        break;
      case 2: {
        const length = Number(number());
        if (at + length > bytes.length) throw new Error('the message is cut off');
        fields.set(field, [...(fields.get(field) ?? []), bytes.slice(at, at + length)]);
        at += length;
        break;
      }
      default:
        throw new Error(`a field of an unknown kind: ${tag % 8}`);
    }
  }
  return fields;
}

/** A field's bytes as text. */
export const text = (bytes?: Uint8Array): string => decoder.decode(bytes ?? new Uint8Array());
