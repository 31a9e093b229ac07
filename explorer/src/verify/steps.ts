// Verifies a result step by step, each with both implementations. The order is the contract's: from what fixed the draw to
// what was stored. Pure: it reads evidence and asks nobody.

import type { Rule } from '../chain/types';
import { equal, fromHex, toHex, utf8 } from '../proof/bytes';
import type { Primitives } from '../proof/primitives';
import { beaconDraw } from './beacon';
import { Builder, type Step, type Verdict } from './builder';
import type { Evidence, Seatholder } from './evidence';
import { epochSeed, roundSeed } from './seeds';

/** The whole verification. */
export interface Verification {
  steps: Step[];
  verdict: Verdict;
}

/** Verifies evidence with the implementations given, which must all agree. */
export function verify(e: Evidence, implementations: Primitives[]): Verification {
  const domain = { chainId: e.chainId, contract: e.contract };
  const id = BigInt(e.request.request);
  const begin = (name: string, title: string, meaning: string, inputs: [string, string][] = []) =>
    new Builder(implementations, name, title, meaning, inputs);
  const steps: Step[] = [];
  const policy = e.request.policy;
  const units = BigInt(e.epoch.total_units);

  // The transaction.
  const tx = begin('transaction', 'The publication is in a block', 'The transaction that carries it hashes into the header of its block, and the contract accepted it.', [
    ['transaction', e.transaction.hash],
    ['block', `${e.transaction.height}, ${e.block.time}`],
    ['result code', String(e.transaction.result.code)],
  ]);
  tx.compute('transaction hash', (p) => p.sha256(e.transaction.bytes), (h) => toHex(h).toUpperCase(), e.transaction.hash);
  tx.require(e.block.computed === e.block.dataHash, "the block's transactions do not hash to its header's data_hash");
  tx.require(e.transaction.result.code === 0, 'the chain refused the transaction');
  steps.push(tx.step());

  steps.push(epochSeed(e, begin), roundSeed(e, begin));

  // Which round draws.
  const fast = policy.draw === 'fast';
  // A beacon draw's seed is made of the round's and its tickets, in a step of its own.
  const seed = policy.draw === 'beacon' && e.request.draw ? fromHex(e.request.draw.seed) : e.roundSeed;
  const rule = begin('round-rule', 'This round draws this request', fast
    ? 'Under the fast draw it is the round that was open when the request came.'
    : 'It is the first round opened above the height of the request: its seed was not known when the request was made.', [
    ['request accepted at', String(e.request.height)],
    ['round opened at', String(e.round.height)],
    ['round before at', e.previousRound ? String(e.previousRound.height) : 'none'],
  ]);
  if (fast) rule.require(e.round.height <= e.request.height, 'the round opened after the request');
  else {
    rule.require(e.round.height > e.request.height, 'the round opened before the request could not be known');
    rule.require(!e.previousRound || e.previousRound.height <= e.request.height, 'an earlier round could have drawn it');
  }
  steps.push(rule.step());
  if (policy.draw === 'beacon') steps.push(beaconDraw(e, begin));

  // Code and input.
  const code = begin('code', 'The code is the pinned one', 'SHA-256 of the bytes is what the project pinned on the chain.', [['size', `${e.request.code.size} bytes`]]);
  if (e.code) {
    const bytes = e.code;
    code.inputs.push(['found', `${bytes.length} bytes`]);
    code.compute('SHA-256 of the code', (p) => p.sha256(bytes), toHex, e.request.code.sha256);
  } else code.unknown('The bytes were not found here. Choose the file to check it; every other step uses the pinned hash.');
  steps.push(code.step());

  const input = begin('input', 'The input is what was asked', 'SHA-256 of the text in the requesting transaction is what the contract recorded.', []);
  if (e.input) {
    const bytes = e.input;
    input.inputs.push(['input', shorten(new TextDecoder().decode(bytes))]);
    input.compute('SHA-256 of the input', (p) => p.sha256(bytes), toHex, e.request.input_hash);
  } else input.unknown('A contract asked: its input is not in the bytes of the transaction. Every other step uses the recorded hash.');
  steps.push(input.step());

  // The outcome.
  const compared = !('exact' in policy.rule) && e.publication.class === 'ok' ? policy.rule : undefined;
  const outcome = begin('outcome', 'The outcome', compared
    ? 'Each node attests its own value; the result is what they come to by the rule, weighted by seats.'
    : 'One hash covers request, code, input, engine, class and body: it is what every attestation commits to.', [
    ['code', e.request.code.sha256],
    ['input', e.request.input_hash],
    ['engine', e.publication.engine],
    ['class', e.publication.class],
  ]);
  const inline = 'inline' in e.publication.body ? e.publication.body.inline : undefined;
  const published = inline ? utf8(inline.text) : undefined;
  const hashed = 'hashed' in e.publication.body ? e.publication.body.hashed : undefined;
  const outcomeOf = (p: Primitives, body: Uint8Array | undefined) =>
    p.outcome(domain, {
      request: id,
      code: fromHex(e.request.code.sha256),
      input: fromHex(e.request.input_hash),
      engine: fromHex(e.publication.engine),
      class: e.publication.class,
      bodySha256: body ? p.sha256(body) : fromHex(hashed!.sha256),
      bodySize: body ? body.length : hashed!.size,
    });
  if (published) outcome.inputs.push(['body', shorten(inline!.text)]);
  if (hashed && e.body) outcome.compute('SHA-256 of the body', (p) => p.sha256(e.body!), toHex, hashed.sha256);
  if (compared) outcome.inputs.push(['rule', ruleText(compared)]);
  else outcome.compute('outcome hash', (p) => outcomeOf(p, published), toHex);
  outcome.require(e.publication.request === e.request.request, 'the publication is for another request');
  const engine = e.request.draw?.engine;
  outcome.require(!engine || engine === e.publication.engine, 'it is of another engine than the epoch of the draw has');
  if (e.body && !hashed) outcome.require(!published || equal(e.body, published), 'the stored result has another body');
  steps.push(outcome.step());

  // Each attestation.
  const votes: { holder: Seatholder; seats: number; value?: string }[] = [];
  const seen = new Set<number>();
  for (const proof of e.proofs) {
    const holder = e.holders.get(proof.node);
    const step = begin(`node-${proof.node}`, `Node ${proof.node}${holder ? `, ${holder.moniker}` : ''}`, 'Its VRF output was drawn with its key and this seed alone, it commits to the outcome, and it won these seats.');
    if (!holder || holder.units === 0) step.require(false, 'the node held no units in this epoch');
    else {
      const { key } = holder;
      const part = (at: number) => proof.bytes.slice(at, at + 32);
      step.inputs.push(['key', toHex(key)], ['units', `${holder.units} of ${units}`], ['output', toHex(part(0))], ['R', toHex(part(32))], ['Hr', toHex(part(64))], ['s', toHex(part(96))], ['salt', toHex(part(128))]);
      if (proof.value !== undefined) step.inputs.push(['value', proof.value]);
      const body = compared && proof.value !== undefined ? utf8(proof.value) : published;
      const commitOf = (p: Primitives) => p.commit(domain, id, key, outcomeOf(p, body), part(128));
      step.compute('commitment', commitOf, toHex);
      step.compute('VRF proof', (p) => p.proof(domain, seed, id, key, proof.bytes, commitOf(p)), (fault) => fault || 'holds', 'holds');
      const seats = step.compute('seats', (p) => p.seats(policy.committee, e.publication.attempt, units, part(0), holder.units), String) ?? 0;
      step.require(seats > 0, 'its output wins no seat');
      step.require(!seen.has(proof.node), 'the node attests twice');
      votes.push({ holder, seats, value: proof.value });
    }
    seen.add(proof.node);
    steps.push(step.step());
  }

  // The quorum.
  const quorumBps = e.publication.class === 'ok' ? policy.quorum_bps : Math.max(policy.quorum_bps, policy.error_quorum_bps ?? 0);
  const quorum = begin('quorum', 'They are a quorum', 'The seats that agree reach the quorum of the attempt, and come from enough operators.', [
    ['committee', `${policy.committee} seats expected, attempt ${e.publication.attempt + 1}`],
    ['quorum', `${quorumBps / 100} %`],
    ['units of the epoch', String(units)],
  ]);
  let agreeing = votes;
  if (compared && !inline) quorum.unknown('The result is published by its hash: its values cannot be compared here.');
  else if (compared) {
    // Who attests the published body itself need not repeat it.
    const values = votes.map(({ value, seats }) => ({ value: value ?? inline!.text, seats }));
    const found = quorum.compute('what the values come to', (p) => p.aggregate(compared, values), (of) => of?.body ?? '', inline!.text);
    agreeing = votes.filter((_, at) => found?.agrees[at]);
    quorum.compute('who agrees', (p) => p.aggregate(compared, values)?.agrees ?? [], String);
  }
  const mode = compared && 'mode' in compared ? compared.mode : undefined;
  if (mode) {
    const attesting = votes.reduce((sum, vote) => sum + vote.seats, 0);
    const least = quorum.compute('seats that have to attest', (p) => p.quorumSeats(quorumBps, policy.committee, e.publication.attempt, units), String) ?? Infinity;
    quorum.inputs.push(['seats that attest', String(attesting)]);
    quorum.require(attesting >= least, `${attesting} seats attest, ${least} are needed`);
  }
  const seats = agreeing.reduce((sum, vote) => sum + vote.seats, 0);
  const operators = new Set(agreeing.map((vote) => vote.holder.operator)).size;
  const needed = quorum.compute('seats needed', (p) => p.quorumSeats(mode?.min_bps ?? quorumBps, policy.committee, e.publication.attempt, units), String) ?? Infinity;
  quorum.inputs.push(['seats that agree', String(seats)], ['operators', `${operators}, ${policy.min_operators} needed`]);
  quorum.require(seats > 0 && seats >= needed, `${seats} seats agree, ${needed} are needed`);
  quorum.require(operators >= policy.min_operators, `${operators} operators agree, ${policy.min_operators} are needed`);
  // Attempts of a beacon draw begin when its tickets are together.
  const drawn = policy.draw === 'beacon' ? (e.round.beacon?.drawn_from ?? e.round.height) : fast ? e.request.height : e.round.height;
  const began = drawn + e.publication.attempt * (e.request.draw?.attempt_blocks ?? 0);
  quorum.require(e.transaction.height >= began, 'the attempt had not begun');
  quorum.require(e.transaction.height <= e.request.deadline, 'it came after the deadline');
  steps.push(quorum.step());

  // What the contract stored.
  const stored = begin('result', 'The contract stored just that', 'Its record of the result is what was recomputed here.', [
    ['class', e.result.class],
    ['seats', `${e.result.seats}, ${e.result.quorum} needed`],
    ['agreed', e.result.agreed.map(({ node, seats }) => `node ${node}: ${seats}`).join(', ')],
  ]);
  stored.require(e.result.seats === seats, `it has ${e.result.seats} seats, ${seats} were recomputed`);
  stored.require(e.result.quorum === needed, `it has a quorum of ${e.result.quorum}, ${needed} was recomputed`);
  const listed = (rows: { node: number; seats: number }[]) => rows.map((r) => `${r.node}:${r.seats}`).sort().join();
  stored.require(listed(e.result.agreed) === listed(agreeing.map((v) => ({ node: v.holder.node, seats: v.seats }))), 'it lists other nodes or seats');
  stored.require(e.result.class === e.publication.class && e.result.engine === e.publication.engine, 'it has another class or engine');
  stored.require(JSON.stringify(e.result.body) === JSON.stringify(e.publication.body), 'it has another body');
  steps.push(stored.step());

  const verdict = steps.some((s) => s.verdict === 'fails') ? 'fails' : 'holds';
  return { steps, verdict };
}

const shorten = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

function ruleText(rule: Rule): string {
  if ('median' in rule) return `median, within ${rule.median.tolerance_bps / 100} %`;
  if ('median_fields' in rule) return rule.median_fields.fields.map((f) => `median of ${f.path}, within ${f.tolerance_bps / 100} %`).join('; ');
  return 'mode' in rule ? `most seats, at least ${rule.mode.min_bps / 100} % of the committee` : 'equal';
}
