// The protocol's one hash function: SHA-256 over a tag and fields, each with its length before it as unsigned LEB128.

import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from './bytes';

/** SHA-256 of bytes: what the wire format uses for code, input and body. */
export const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);

function leb128(value: number): Uint8Array {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return Uint8Array.from(bytes);
}

/** Hashes a tag and fields. */
export function hash(tag: string, fields: Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const field of [utf8(tag), ...fields]) parts.push(leb128(field.length), field);
  return sha256(concat(...parts));
}
