// The protocol's own Rust package, compiled to wasm (`explorer/verifier`), as an implementation of the primitives.

import type { Rule } from '../chain/types';
import { bigEndian, concat, readBigEndian, utf8 } from './bytes';
import type { Primitives } from './primitives';
import type { Domain } from './vrf';

interface Exports {
  memory: WebAssembly.Memory;
  reserve(size: number): number;
  run(operation: number): number;
  answer(): number;
}

const decoder = new TextDecoder();
const u64 = (value: bigint) => bigEndian(value, 8);
const u32 = (value: number) => bigEndian(value, 4);

function encode(fields: Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const field of fields) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, field.length, true);
    parts.push(length, field);
  }
  return concat(...parts);
}

/** A rule by its name and its parts. */
function ruleFields(rule: Rule): Uint8Array[] {
  const bps = (value: number) => bigEndian(value, 4);
  if ('median' in rule) return [utf8('median'), bps(rule.median.tolerance_bps)];
  if ('mode' in rule) return [utf8('mode'), bps(rule.mode.min_bps)];
  if (!('median_fields' in rule)) return [utf8('exact')];
  const { fields } = rule.median_fields;
  return [utf8('median_fields'), bps(fields.length), ...fields.flatMap(({ path, tolerance_bps }) => [utf8(path), bps(tolerance_bps)])];
}

/** What the module may import: the contract's library names host functions, and none is ever called here. */
function imports(module: WebAssembly.Module): WebAssembly.Imports {
  const refuse = () => {
    throw new Error('the verifier called the chain, which it must not');
  };
  const all: WebAssembly.Imports = {};
  for (const { module: of, name } of WebAssembly.Module.imports(module)) (all[of] ??= {})[name] = refuse;
  return all;
}

/** Compiles the verifier. Throws where the bytes are not a module. */
export async function loadWasm(bytes: BufferSource): Promise<Primitives> {
  const module = await WebAssembly.compile(bytes);
  const instance = await WebAssembly.instantiate(module, imports(module));
  const exports = instance.exports as unknown as Exports;

  const call = (operation: number, ...fields: Uint8Array[]): Uint8Array => {
    const input = encode(fields);
    const at = exports.reserve(input.length);
    if (at === 0) throw new Error(`${input.length} bytes are more than the verifier takes`);
    new Uint8Array(exports.memory.buffer, at, input.length).set(input);
    const length = exports.run(operation);
    if (length < 0) throw new Error('the verifier does not read these arguments');
    return new Uint8Array(exports.memory.buffer, exports.answer(), length).slice();
  };
  const domain = (of: Domain) => [utf8(of.chainId), utf8(of.contract)] as const;
  const number = (bytes: Uint8Array) => Number(readBigEndian(bytes));

  return {
    name: 'Rust → wasm',
    sha256: (data) => call(0, data),
    hash: (tag, fields) => call(1, utf8(tag), ...fields),
    outcome: (of, o) =>
      call(2, ...domain(of), u64(o.request), o.code, o.input, o.engine, utf8(o.class), o.bodySha256, u32(o.bodySize)),
    commit: (of, request, key, outcome, salt) => call(3, ...domain(of), u64(request), key, outcome, salt),
    genesisSeed: (of, height, timeNs) => call(4, ...domain(of), u64(height), u64(timeNs)),
    roundSeed: (of, epoch, previous, height, timeNs) => call(5, ...domain(of), epoch, previous, u64(height), u64(timeNs)),
    epochSeed: (of, previous, lowest) => call(6, ...domain(of), previous, ...(lowest ? [lowest] : [])),
    beaconSeed: (of, round, outputs) => call(13, ...domain(of), round, ...outputs),
    ticketValue: (output, units) => call(14, output, u32(units)),
    seats: (committee, attempt, total, output, units) =>
      number(call(7, u32(committee), u32(attempt), u64(total), output, u32(units))),
    quorumSeats: (bps, committee, attempt, total) => number(call(8, u32(bps), u32(committee), u32(attempt), u64(total))),
    proof: (of, seed, request, key, proof, commit) =>
      decoder.decode(call(9, ...domain(of), seed, u64(request), key, proof, commit)),
    ticket: (of, seed, key, ticket) => decoder.decode(call(10, ...domain(of), seed, key, ticket)),
    aggregate: (rule, votes) => {
      const fields = votes.flatMap((vote) => [utf8(vote.value), u32(vote.seats)]);
      const answer = call(11, ...ruleFields(rule), ...fields);
      if (answer.length === 0) return undefined;
      const agrees = [...answer.slice(0, votes.length)].map((byte) => byte === 1);
      return { body: decoder.decode(answer.slice(votes.length)), agrees };
    },
  };
}
