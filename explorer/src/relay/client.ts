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

/** Events of the contract by height. */
export interface History {
  height: number;
  items: FeedEvent[];
  next?: number;
}

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
  /** Events of a name, the oldest first. */
  history = (event: string, after = 0) => this.get<History>(`/v1/history?event=${event}&after=${after}&limit=100`);
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
