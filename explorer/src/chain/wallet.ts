// Asks a project with the reader's wallet (Keplr's interface): makes the transaction, has it signed there and sends it.
// Keys never come here.

import { concat, fromBase64, utf8 } from '../proof/bytes';
import type { Contract } from './contract';
import { writeBytes, writeNumber } from './protobuf';

/** The part of Keplr's interface used here. */
interface Wallet {
  enable(chainId: string): Promise<void>;
  getKey(chainId: string): Promise<{ bech32Address: string; pubKey: Uint8Array }>;
  signDirect(
    chainId: string,
    signer: string,
    doc: { bodyBytes: Uint8Array; authInfoBytes: Uint8Array; chainId: string; accountNumber: bigint },
  ): Promise<{ signed: { bodyBytes: Uint8Array; authInfoBytes: Uint8Array }; signature: { signature: string } }>;
}

/** Gas that a request takes with room to spare. */
const GAS = 700_000n;

/** The wallet that the browser offers; absent where there is none. */
export const wallet = (): Wallet | undefined => (window as unknown as { keplr?: Wallet }).keplr;

const any = (type: string, value: Uint8Array) => concat(writeBytes(1, utf8(type)), writeBytes(2, value));
const coin = (denom: string, amount: bigint) => concat(writeBytes(1, utf8(denom)), writeBytes(2, utf8(String(amount))));

/** Sends a request for a project and pays its fee; the transaction's hash. `gasPrice` is what a unit of gas costs. */
export async function ask(
  contract: Contract,
  chainId: string,
  project: number,
  input: string,
  gasPrice: bigint,
): Promise<string> {
  const own = wallet();
  if (!own) throw new Error('This browser has no wallet that speaks as Keplr does.');
  await own.enable(chainId);
  const { bech32Address: sender, pubKey } = await own.getKey(chainId);
  const [fee, account] = await Promise.all([contract.fee(project), contract.rpc.account(sender)]);
  const message = concat(
    writeBytes(1, utf8(sender)),
    writeBytes(2, utf8(contract.address)),
    writeBytes(3, utf8(JSON.stringify({ request: { project, input, callback: null } }))),
    ...(fee.total === '0' ? [] : [writeBytes(5, coin(fee.denom, BigInt(fee.total)))]),
  );
  const bodyBytes = writeBytes(1, any('/cosmwasm.wasm.v1.MsgExecuteContract', message));
  const signerInfo = concat(
    writeBytes(1, any('/cosmos.crypto.secp256k1.PubKey', writeBytes(1, pubKey))),
    // SIGN_MODE_DIRECT.
    writeBytes(2, writeBytes(1, writeNumber(1, 1))),
    writeNumber(3, account.sequence),
  );
  const paid = concat(writeBytes(1, coin(fee.denom, GAS * gasPrice)), writeNumber(2, GAS));
  const authInfoBytes = concat(writeBytes(1, signerInfo), writeBytes(2, paid));
  const doc = { bodyBytes, authInfoBytes, chainId, accountNumber: account.number };
  // The wallet may change the fee: what it signed is what is sent.
  const { signed, signature } = await own.signDirect(chainId, sender, doc);
  const tx = concat(writeBytes(1, signed.bodyBytes), writeBytes(2, signed.authInfoBytes), writeBytes(3, fromBase64(signature.signature)));
  return contract.rpc.broadcast(tx);
}
