// The contract's answers as the explorer reads them (packages/api). Numbers above 2^53 are read as text beforehand.

export type Body = { inline: { text: string } } | { hashed: { sha256: string; size: number } };
export type Rule =
  | { exact: object }
  | { median: { tolerance_bps: number } }
  | { median_fields: { fields: { path: string; tolerance_bps: number }[] } }
  | { mode: { min_bps: number } };

export interface Policy {
  committee: number;
  quorum_bps: number;
  min_operators: number;
  rule: Rule;
  /** Seats that must agree on an error; absent or 0 for the same as on a value. */
  error_quorum_bps?: number;
  draw: 'normal' | 'fast' | 'beacon';
  profile: string;
  wall_ms: number;
  max_result_bytes: number;
  callback_gas: number;
  price: string;
  hosts: string[];
  deterministic: boolean;
}

export type CodeSource =
  | { github: { owner: string; repo: string; commit: string; path: string } }
  | { ipfs: { cid: string } }
  | { https: { url: string } }
  | { store: object };

export interface CodeRef {
  sha256: string;
  size: number;
  sources: CodeSource[];
}

export interface DrawInfo {
  round: number;
  seed: string;
  height: number;
  time_ns: string;
  epoch: number;
  total_units: number;
  attempt: number;
  attempt_blocks: number;
  /** The engine that attestations must be of; any where absent. */
  engine?: string;
}

export interface Request {
  request: number;
  project: number;
  version: number;
  code: CodeRef;
  policy: Policy;
  requester: string;
  input: string | null;
  input_hash: string;
  callback_gas: number | null;
  height: number;
  deadline: number;
  reserved: string;
  settings_version: number;
  status: 'waiting' | 'drawn' | 'fulfilled' | 'expired';
  draw: DrawInfo | null;
}

export type CallbackStatus = { none: object } | { delivered: object } | { failed: { tries: number; error: string } };

export interface Result {
  request: number;
  project: number;
  class: string;
  body: Body;
  engine: string;
  round: number;
  attempt: number;
  agreed: { node: number; seats: number }[];
  seats: number;
  quorum: number;
  publisher: string;
  height: number;
  callback: CallbackStatus;
}

export interface Round {
  round: number;
  seed: string;
  height: number;
  time_ns: string;
  epoch: number;
  /** The tickets of a round that draws requests of the class `beacon`. */
  beacon?: RoundBeacon | null;
}

export interface RoundBeacon {
  /** One of each operator, in ascending order of their values. */
  lowest: { node: number; output: string; value: string }[];
  needed: number;
  drawn_from: number | null;
  fallback: boolean;
}

export interface Epoch {
  epoch: number;
  seed: string;
  height: number;
  total_units: number;
  operators: number;
  quality: 'beacon' | 'low';
}

export interface Node {
  node: number;
  operator: string;
  /** From which epoch on it draws with which key, the newest last. */
  keys: { epoch: number; key: string }[];
  engine: string;
  moniker: string;
  endpoint: string;
  stake: string;
  schedule: { epoch: number; units: number }[];
  jailed_until: number | null;
}

export interface Project {
  project: number;
  owner: string;
  name: string;
  description: string;
  active: number;
  latest: number;
  open_requests: number;
}

export interface Version {
  project: number;
  version: number;
  code: CodeRef;
  policy: Policy;
  height: number;
}

export interface Attestation {
  node: number;
  proof: string;
  value?: string;
}

export interface Publication {
  request: number;
  attempt: number;
  engine: string;
  class: string;
  body: Body;
  attestations: Attestation[];
}

export interface Counter {
  round: number;
  round_height: number;
  epoch: number;
  epoch_height: number;
  total_units: number;
  request_waiting: boolean;
  tick_due: boolean;
  next_deadline: number | null;
}

export interface Settings {
  denom: string;
  epoch_blocks: number;
  block_time_ms: number;
  [setting: string]: unknown;
}

export interface Config {
  admin: string;
  release: string;
  settings: Settings;
  settings_version: number;
}

/** An engine by its ids, one a profile. */
export interface EngineRelease {
  jitless: string;
  jit: string;
}

/** Which engine requests are attested with, and which one is announced. */
export interface Engines {
  epoch: number;
  /** Any engine's outcomes count where absent. */
  engine: EngineRelease | null;
  since_epoch: number | null;
  next_engine: EngineRelease | null;
  from_epoch: number | null;
  min_ready_bps: number | null;
  able_units: number;
  ready_units: number;
  total_units: number;
}
