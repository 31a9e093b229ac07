// Verifies schnorrkel's VRF proofs in their batchable form over ristretto255, and possession signatures, from the
// transcripts up. It shares no code with the Rust implementation.

import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { bigEndian, equal, readLittleEndian, utf8 } from './bytes';
import { Transcript } from './merlin';

const Point = ristretto255.Point;
const ORDER = Point.Fn.ORDER;

/** What every preimage is bound to. */
export interface Domain {
  chainId: string;
  contract: string;
}

/** The parts of an attestation's 160 bytes. */
export interface ProofParts {
  output: Uint8Array;
  r: Uint8Array;
  hr: Uint8Array;
  s: Uint8Array;
  salt: Uint8Array;
}

/** Why a proof is not valid. */
export type ProofFault = 'key' | 'output' | 'nonce' | 'scalar' | 'equation';

/** Splits 160 bytes: output, R, Hr, s, salt. Throws where there are not exactly 160. */
export function proofParts(bytes: Uint8Array): ProofParts {
  if (bytes.length !== 160) throw new Error(`a proof takes 160 bytes, found ${bytes.length}`);
  const part = (index: number) => bytes.slice(32 * index, 32 * index + 32);
  return { output: part(0), r: part(1), hr: part(2), s: part(3), salt: part(4) };
}

/** The transcript of the draw of one request. */
export function drawTranscript(domain: Domain, seed: Uint8Array, request: bigint): Transcript {
  return new Transcript('gateway/draw')
    .append('chain', utf8(domain.chainId))
    .append('contract', utf8(domain.contract))
    .append('seed', seed)
    .append('request', bigEndian(request, 8));
}

function read(bytes: Uint8Array): InstanceType<typeof Point> | undefined {
  if (bytes.every((byte) => byte === 0)) return undefined;
  try {
    return Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

/** The encodings that verification compares: what the equations give, beside what the proof claims. */
export interface ProofTrace {
  fault?: ProofFault;
  challenge?: bigint;
  input?: Uint8Array;
  r?: Uint8Array;
  hr?: Uint8Array;
}

/** Checks `R = s·B + c·A` and `Hr = s·H + c·O`. `fault` is absent where both hold. */
export function checkProof(
  domain: Domain,
  seed: Uint8Array,
  request: bigint,
  key: Uint8Array,
  proof: ProofParts,
  commit: Uint8Array,
): ProofTrace {
  const publicKey = read(key);
  if (!publicKey) return { fault: 'key' };
  const s = readLittleEndian(proof.s);
  if (s >= ORDER) return { fault: 'scalar' };
  const output = read(proof.output);
  if (!output) return { fault: 'output' };

  const wide = drawTranscript(domain, seed, request).append('vrf-nm-pk', key).challenge('VRFHash', 64);
  const input = ristretto255_hasher.deriveToCurve!(wide);
  const inputBytes = input.toBytes();
  const bytes = new Transcript('gateway/attest')
    .append('commit', commit)
    .append('proto-name', utf8('DLEQProof'))
    .append('vrf:h', inputBytes)
    .append('vrf:R=g^r', proof.r)
    .append('vrf:h^r', proof.hr)
    .append('vrf:pk', key)
    .append('vrf:h^sk', proof.output)
    .challenge('prove', 64);
  const challenge = readLittleEndian(bytes) % ORDER;

  const r = Point.BASE.multiplyUnsafe(s).add(publicKey.multiplyUnsafe(challenge)).toBytes();
  const hr = input.multiplyUnsafe(s).add(output.multiplyUnsafe(challenge)).toBytes();
  const holds = equal(r, proof.r) && equal(hr, proof.hr);
  return { challenge, input: inputBytes, r, hr, ...(holds ? {} : { fault: 'equation' as const }) };
}

/** Checks a key's proof of possession: a schnorrkel signature over chain, contract, operator and key. */
export function checkPossession(domain: Domain, operator: string, key: Uint8Array, signature: Uint8Array): boolean {
  const publicKey = read(key);
  if (!publicKey || signature.length !== 64 || (signature[63] & 0x80) === 0) return false;
  const r = signature.slice(0, 32);
  const scalar = signature.slice(32);
  scalar[31] &= 0x7f;
  const s = readLittleEndian(scalar);
  if (s >= ORDER) return false;
  const bytes = new Transcript('gateway/possession')
    .append('chain', utf8(domain.chainId))
    .append('contract', utf8(domain.contract))
    .append('operator', utf8(operator))
    .append('key', key)
    .append('proto-name', utf8('Schnorr-sig'))
    .append('sign:pk', key)
    .append('sign:R', r)
    .challenge('sign:c', 64);
  const challenge = readLittleEndian(bytes) % ORDER;
  return equal(Point.BASE.multiplyUnsafe(s).subtract(publicKey.multiplyUnsafe(challenge)).toBytes(), r);
}
