// The relay's HTTP interface, as far as the page reads it. A relay is asked for what is not on the chain yet; nothing it
// returns is believed by the verification.

import type { Request, Result } from '../chain/types';

export interface AttestationView {
  node: number;
  operator: string;
  engine: string;
  class: string;
  digest: string;
  size: number;
  value?: string;
  seats: number;
}

export interface RequestView {
  request: Request;
  result?: Result;
  agreement?: {
    attempt: number;
    quorum_seats: number;
    min_operators: number;
    reason: string;
    attestations: AttestationView[];
    abstentions?: { node: number; reason: string; detail: string }[];
    differences?: { pointer: string; sides: { text?: string; nodes: number[] }[] }[];
  };
  publishing: boolean;
  refused_publications: number;
  why?: string;
}

/** What happened to a request so far, and what comes next. */
export interface Explanation {
  summary: string;
  next?: string;
  view: RequestView;
}

/** Something that happened, as the relay reports it. */
export interface FeedEvent {
  event: string;
  height: number;
  attributes: Record<string, string>;
}

export interface Statistics {
  requests: number;
  fulfilled: number;
  expired: number;
  open: number;
  latency_blocks: { p50: number; p95: number; p99: number } | null;
}

/** Heights whose events the relay does not have. */
export interface Missing {
  from: number;
  to: number;
  reason: 'filling' | 'pruned' | 'not_kept';
}

/** Events of the contract by height. */
interface History {
  height: number;
  items: FeedEvent[];
  missing: Missing[];
  next?: number;
}

/** What the relay saw of the nodes in an epoch. */
export interface EpochConduct {
  epoch: number;
  results: number;
  nodes: { node: number; units: number; results: number; agreeing: number; seats: number; expected_thousandths: number }[];
}

/** Most pages of a list that are asked for. */
const PAGES = 20;

/** A relay at an address; the empty address is the page's own server. */
export class Relay {
  constructor(readonly address: string) {}

  private async get<T>(path: string): Promise<T> {
    const response = await fetch(this.url(path), { signal: AbortSignal.timeout(15_000) });
    if (!response.ok) throw new Error(`the relay answers ${response.status} to ${path}`);
    return response.json();
  }

  private url(path: string): URL {
    const base = this.address || location.origin;
    return new URL(base.replace(/\/$/, '') + path, location.href);
  }

  explanation = (request: number) => this.get<Explanation>(`/v1/requests/${request}/explanation`);
  /** Events of a name within heights, the oldest first. */
  async history(event: string, from = 0, to = Number.MAX_SAFE_INTEGER, request?: number): Promise<FeedEvent[]> {
    const found: FeedEvent[] = [];
    const only = request === undefined ? '' : `&request=${request}`;
    let after = 0;
    for (let page = 0; page < PAGES; page++) {
      const { items, next } = await this.get<History>(`/v1/history?event=${event}&from=${from}&to=${to}&after=${after}&limit=100${only}`);
      found.push(...items);
      if (next === undefined) break;
      after = next;
    }
    return found;
  }

  /** Heights whose events the relay does not have. */
  missing = async (): Promise<Missing[]> => (await this.get<History>('/v1/history?limit=1')).missing;
  /** What it saw of the nodes, the newest epoch first. */
  epochs = async (limit: number): Promise<EpochConduct[]> =>
    (await this.get<{ items: EpochConduct[] }>(`/v1/epochs?limit=${limit}`)).items;
  statistics = () => this.get<Statistics>('/v1/statistics');

  /** The body of a result that the chain has by its hash. */
  async body(request: number): Promise<Uint8Array> {
    const response = await fetch(this.url(`/v1/results/${request}/body`), { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(`the relay does not have the body (${response.status})`);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Calls `notify` with each event until closed; a stream that broke off resumes after its last event. */
  listen(notify: (event: FeedEvent) => void): () => void {
    const source = new EventSource(this.url('/v1/events'));
    const names = ['attestation', 'gateway-request-opened', 'gateway-round-opened', 'gateway-request-fulfilled'];
    names.push('gateway-request-expired', 'gateway-epoch-opened', 'gateway-callback-delivered', 'gateway-callback-failed');
    for (const name of names)
      source.addEventListener(name, (message) => notify(JSON.parse((message as MessageEvent).data)));
    return () => source.close();
  }
}
