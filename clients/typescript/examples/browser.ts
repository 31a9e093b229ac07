// Asks a project from a page with the reader's own wallet (Keplr, or any that has its interface).
//   npm run example:browser, then serve examples/browser.html and .build/browser.js from one folder
import { SigningCosmWasmClient } from '@cosmjs/cosmwasm';
import type { OfflineSigner } from '@cosmjs/proto-signing';
import { GasPrice } from '@cosmjs/stargate';
import { GatewayClient } from '../src/client.ts';

declare global {
  interface Window {
    keplr?: { enable(chain: string): Promise<void>; getOfflineSigner(chain: string): OfflineSigner };
  }
}

/** Where the page asks, and for how much gas. */
export interface Network {
  readonly rpc: string;
  readonly chainId: string;
  readonly contract: string;
  readonly gasPrice: string;
}

/** Asks with a wallet, and waits for the value. */
export async function ask<T>(network: Network, wallet: OfflineSigner, project: number, input: unknown): Promise<T | undefined> {
  const [account] = await wallet.getAccounts();
  if (!account) throw new Error('the wallet has no account');
  const gasPrice = GasPrice.fromString(network.gasPrice);
  const signer = await SigningCosmWasmClient.connectWithSigner(network.rpc, wallet, { gasPrice });
  const gateway = new GatewayClient(signer, network.contract);
  const request = await gateway.ask(signer, account.address, project, input);
  const ended = await gateway.waitForResult<T>(request, { signal: AbortSignal.timeout(120_000) });
  return ended.status === 'fulfilled' && ended.result.class === 'ok' ? ended.value : undefined;
}

const form = document.querySelector('form');
const output = document.querySelector('output');
form?.addEventListener('submit', (event) => {
  event.preventDefault();
  const field = (name: string) => String(new FormData(form).get(name) ?? '');
  const network = { rpc: field('rpc'), chainId: field('chain'), contract: field('contract'), gasPrice: field('gas') };
  const show = (text: string) => output && (output.textContent = text);
  const keplr = window.keplr;
  if (!keplr) return void show('there is no wallet in this browser');
  show('waiting for the wallet and the result…');
  keplr
    .enable(network.chainId)
    .then(() => ask(network, keplr.getOfflineSigner(network.chainId), Number(field('project')), JSON.parse(field('input'))))
    .then((value) => show(value === undefined ? 'no value came of it' : JSON.stringify(value)))
    .catch((error: unknown) => show(String(error)));
});
