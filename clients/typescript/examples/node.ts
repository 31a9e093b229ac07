// Asks a project from Node, and has the example contract ask it and be called back.
//   npm run example -- NETWORK.TOML PROJECT INPUT
// NETWORK.TOML is what `gateway demo --keep --home FOLDER` writes there.
import { SigningCosmWasmClient } from '@cosmjs/cosmwasm';
import { DirectSecp256k1Wallet } from '@cosmjs/proto-signing';
import { GasPrice } from '@cosmjs/stargate';
import { readFileSync } from 'node:fs';
import { GatewayClient } from '../src/client.ts';

const [file, project, input] = process.argv.slice(2);
if (!file || !project || !input) throw new Error('takes the network file, a project and its input');
const text = readFileSync(file, 'utf8');
/** A value of the file, by its name at the start of a line. */
const setting = (name: string): string => {
  const found = new RegExp(`^${name} = "(.*)"$`, 'm').exec(text)?.[1];
  if (!found) throw new Error(`${file} has no ${name}`);
  return found;
};
const keyFile = /^\[networks\.devchain\.key\]\nfile = "(.*)"$/m.exec(text)?.[1];
if (!keyFile) throw new Error(`${file} names no key`);

const wallet = await DirectSecp256k1Wallet.fromKey(Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'hex'), 'archway');
const [account] = await wallet.getAccounts();
if (!account) throw new Error('the wallet is empty');
const signer = await SigningCosmWasmClient.connectWithSigner(setting('rpc'), wallet, { gasPrice: GasPrice.fromString('1aarch') });
const gateway = new GatewayClient(signer, setting('contract'));

const request = await gateway.ask(signer, account.address, Number(project), JSON.parse(input));
const ended = await gateway.waitForResult(request, { everyMs: 300, signal: AbortSignal.timeout(60_000) });
if (ended.status !== 'fulfilled' || ended.result.class !== 'ok') throw new Error(`no value: ${JSON.stringify(ended)}`);
console.log(JSON.stringify({ request, value: ended.value, seats: ended.result.seats }));
signer.disconnect();
process.exit(0);
