// Asks the gateway contract through any cosmjs client, and waits for results.
import type { FeeResponse, RequestResponse, ResultResponse } from './contract.ts';

/** The part of cosmjs' `CosmWasmClient` that is needed to ask. */
export interface ChainClient {
  queryContractSmart(contract: string, query: Record<string, unknown>): Promise<any>;
}

/** An attribute of an event of a transaction. */
interface Attribute {
  readonly key: string;
  readonly value: string;
}

/** The part of cosmjs' `SigningCosmWasmClient` that is needed to send. */
export interface SigningChainClient extends ChainClient {
  execute(
    sender: string, contract: string, message: Record<string, unknown>, fee: any, memo?: string,
    funds?: readonly { readonly denom: string; readonly amount: string }[],
  ): Promise<{ readonly events: readonly { readonly type: string; readonly attributes: readonly Attribute[] }[] }>;
}

/** How a request ended. `value` is there where the class is `ok` and the body is on the chain. */
export type Ended<T> =
  | { readonly status: 'fulfilled'; readonly result: ResultResponse; readonly value?: T }
  | { readonly status: 'expired' };

/** The gateway contract at an address. */
export class GatewayClient {
  readonly #chain: ChainClient;
  readonly contract: string;

  constructor(chain: ChainClient, contract: string) {
    this.#chain = chain;
    this.contract = contract;
  }

  /** What a request to a project is charged now. */
  estimateFee(project: number): Promise<FeeResponse> {
    return this.#chain.queryContractSmart(this.contract, { estimate_fee: { project } });
  }

  /** Where a request stands. */
  request(request: number): Promise<RequestResponse> {
    return this.#chain.queryContractSmart(this.contract, { request: { request } });
  }

  /** A request's result; rejects where there is none. */
  result(request: number): Promise<ResultResponse> {
    return this.#chain.queryContractSmart(this.contract, { result: { request } });
  }

  /** Opens a request for the fee that the contract names, and returns its number. `input` is any JSON value. */
  async ask(signer: SigningChainClient, sender: string, project: number, input: unknown, gas: any = 'auto'): Promise<number> {
    const fee = await this.estimateFee(project);
    const funds = fee.total === '0' ? [] : [{ denom: fee.denom, amount: fee.total }];
    // The contract takes the input as a text that holds JSON.
    const message = { request: { project, input: JSON.stringify(input), callback: null } };
    const { events } = await signer.execute(sender, this.contract, message, gas, '', funds);
    for (const { type, attributes } of events) {
      const at = (key: string) => attributes.find((attribute) => attribute.key === key)?.value;
      if (type === 'wasm-gateway-request-opened' && at('_contract_address') === this.contract) return Number(at('request'));
    }
    throw new Error('the transaction opened no request');
  }

  /** Waits until a request has ended. Rejects with the signal's reason where that comes first. */
  async waitForResult<T = unknown>(
    request: number, { signal, everyMs = 2000 }: { signal?: AbortSignal; everyMs?: number } = {},
  ): Promise<Ended<T>> {
    for (;;) {
      signal?.throwIfAborted();
      const { status } = await this.request(request);
      if (status === 'expired') return { status };
      if (status === 'fulfilled') {
        const result = await this.result(request);
        if (result.class !== 'ok' || !('inline' in result.body)) return { status, result };
        return { status, result, value: JSON.parse(result.body.inline.text) as T };
      }
      await pause(everyMs, signal);
    }
  }
}

/** Waits, or rejects with the signal's reason. */
function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => { clearTimeout(timer); reject(signal?.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); resolve(); }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
