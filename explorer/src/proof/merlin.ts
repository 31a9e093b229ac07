// Merlin transcripts over STROBE-128 (https://merlin.cool, STROBE v1.0.2), as far as verification needs them: absorbing
// labelled messages and drawing challenges.

import { keccakP } from '@noble/hashes/sha3.js';
import { utf8 } from './bytes';

/** Bytes of the sponge's rate that carry data: 200 − 2·16 − 2. */
const RATE = 166;

const INBOUND = 1;
const DATA = 2;
const CIPHER = 4;
const META = 16;

const lengthOf = (size: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, size, true);
  return bytes;
};

/** A transcript. `append` and `challenge` change it; `clone` before continuing in two ways. */
export class Transcript {
  private state = new Uint8Array(200);
  private position = 0;
  private begin = 0;

  constructor(label: string) {
    this.state.set([1, RATE + 2, 1, 0, 1, 12 * 8]);
    this.state.set(utf8('STROBEv1.0.2'), 6);
    this.permute();
    this.operation(META | DATA, utf8('Merlin v1.0'));
    this.append('dom-sep', utf8(label));
  }

  /** An independent copy. */
  clone(): Transcript {
    const copy: Transcript = Object.create(Transcript.prototype);
    copy.state = Uint8Array.from(this.state);
    copy.position = this.position;
    copy.begin = this.begin;
    return copy;
  }

  /** Absorbs a labelled message. */
  append(label: string, message: Uint8Array): this {
    this.frame(label, message.length);
    this.operation(DATA, message);
    return this;
  }

  /** Draws `size` bytes that depend on everything absorbed so far. */
  challenge(label: string, size: number): Uint8Array {
    this.frame(label, size);
    this.start(INBOUND | DATA | CIPHER);
    const out = new Uint8Array(size);
    for (let i = 0; i < size; i++) {
      out[i] = this.state[this.position];
      this.state[this.position] = 0;
      this.advance();
    }
    return out;
  }

  private frame(label: string, size: number) {
    this.operation(META | DATA, utf8(label));
    // The length continues the label's operation: no new framing.
    this.absorb(lengthOf(size));
  }

  private operation(flags: number, data: Uint8Array) {
    this.start(flags);
    this.absorb(data);
  }

  private start(flags: number) {
    const previous = this.begin;
    this.begin = this.position + 1;
    this.absorb(Uint8Array.of(previous, flags));
    if ((flags & CIPHER) !== 0 && this.position !== 0) this.turn();
  }

  private absorb(data: Uint8Array) {
    for (const byte of data) {
      this.state[this.position] ^= byte;
      this.advance();
    }
  }

  private advance() {
    this.position += 1;
    if (this.position === RATE) this.turn();
  }

  private turn() {
    this.state[this.position] ^= this.begin;
    this.state[this.position + 1] ^= 0x04;
    this.state[RATE + 1] ^= 0x80;
    this.permute();
    this.position = 0;
    this.begin = 0;
  }

  private permute() {
    keccakP(new Uint32Array(this.state.buffer, this.state.byteOffset, 50));
  }
}
