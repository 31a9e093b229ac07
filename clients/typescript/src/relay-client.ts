// Asks a relay over HTTP: it pays, for those who have an API key.

/** What is asked. */
export interface RelayRequest {
  readonly project: number;
  /** Any JSON value. */
  readonly input: unknown;
}

/** A relay's refusal. */
export class RelayError extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(`the relay answered ${status}: ${text}`);
    this.status = status;
  }
}

/** A relay at an address. */
export class RelayClient {
  readonly #base: string;
  readonly #key: string | undefined;

  constructor(base: string, apiKey?: string) {
    this.#base = base.replace(/\/+$/, '');
    this.#key = apiKey;
  }

  async #send(path: string, init: RequestInit = {}): Promise<any> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (this.#key !== undefined) headers.authorization = `Bearer ${this.#key}`;
    if (init.body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(this.#base + path, { ...init, headers: { ...headers, ...(init.headers as Record<string, string>) } });
    if (!response.ok) throw new RelayError(response.status, await response.text());
    return response.json();
  }

  /** Opens a request; the same `idempotencyKey` opens it once, however often it is sent. */
  ask(request: RelayRequest, idempotencyKey: string): Promise<{ readonly request: number }> {
    return this.#send('/v1/requests', {
      method: 'POST', headers: { 'idempotency-key': idempotencyKey }, body: JSON.stringify(request),
    });
  }

  /** What the relay knows of a request: where it stands, and what each node said. */
  request(request: number): Promise<any> {
    return this.#send(`/v1/requests/${request}`);
  }

  /** The body of a result that is kept off the chain; check its SHA-256 against the contract's. */
  async body(request: number): Promise<string> {
    const response = await fetch(`${this.#base}/v1/results/${request}/body`);
    if (!response.ok) throw new RelayError(response.status, await response.text());
    return response.text();
  }
}
