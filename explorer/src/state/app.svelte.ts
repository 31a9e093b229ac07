// What every page shares: the addresses, the contract and relay behind them, and what is refreshed with each block.

import { Contract } from '../chain/contract';
import { Rpc } from '../chain/rpc';
import type { Config, Counter, Node, Project, Request, Result } from '../chain/types';
import { independent } from '../proof/independent';
import type { Primitives } from '../proof/primitives';
import { loadWasm } from '../proof/wasm';
import { Relay } from '../relay/client';

/** Addresses that the page asks. */
export interface Addresses {
  rpc: string;
  contract: string;
  relay?: string;
  global?: string;
}

/** A request with what came of it. */
export interface Entry {
  request: Request;
  result?: Result;
}

const STORED = 'gateway-explorer-addresses';
/** Newest requests kept and shown. */
export const RECENT = 60;

class App {
  addresses = $state<Addresses | undefined>();
  contract = $state.raw<Contract | undefined>();
  relay = $state.raw<Relay | undefined>();
  chainId = $state('');
  height = $state(0);
  time = $state('');
  blockSeconds = $state(0);
  counter = $state.raw<Counter | undefined>();
  config = $state.raw<Config | undefined>();
  nodes = $state.raw<Node[]>([]);
  projects = $state.raw<Project[]>([]);
  newest = $state(0);
  recent = $state.raw<Map<number, Entry>>(new Map());
  loaded = $state(false);
  /** What went wrong last, in words; empty while all is well. */
  error = $state('');
  /** Counts the relay's events: pages that show attestations refresh with it. */
  events = $state(0);

  private stopListening = () => {};
  private timer = 0;
  private wasm?: Promise<Primitives>;

  get denom(): string {
    return this.config?.settings.denom ?? 'aarch';
  }

  /** Reads the addresses and begins to follow the chain. */
  async start() {
    const given = await fetch('./config.json').then((r) => (r.ok ? r.json() : undefined)).catch(() => undefined);
    let own: Addresses | undefined;
    try {
      own = JSON.parse(localStorage.getItem(STORED) ?? 'null') ?? undefined;
    } catch {
      own = undefined;
    }
    const addresses = own ?? given;
    if (addresses?.rpc && addresses?.contract) this.use(addresses);
    else this.error = 'No addresses yet: name a node of the chain and the contract in the settings.';
  }

  /** Asks other addresses from now on, and remembers them. */
  save(addresses: Addresses) {
    localStorage.setItem(STORED, JSON.stringify(addresses));
    location.reload();
  }

  /** Forgets the reader's own addresses. */
  reset() {
    localStorage.removeItem(STORED);
    location.reload();
  }

  private use(addresses: Addresses) {
    this.addresses = addresses;
    const contract = new Contract(new Rpc(addresses.rpc), addresses.contract);
    this.contract = contract;
    this.relay = addresses.relay === undefined ? undefined : new Relay(addresses.relay);
    this.stopListening();
    if (this.relay)
      this.stopListening = this.relay.listen(() => {
        this.events += 1;
        this.soon(50);
      });
    void this.follow();
  }

  private soon(ms: number) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.follow(), ms);
  }

  private async follow() {
    const contract = this.contract!;
    try {
      const status = await contract.rpc.status();
      if (status.height !== this.height) {
        if (status.height % 20 === 0 || !this.loaded) await this.slowly(contract, status.height, status.time);
        this.counter = await contract.counter();
        await this.refresh(contract);
        this.chainId = status.chainId;
        this.height = status.height;
        this.time = status.time;
      }
      this.loaded = true;
      this.error = '';
    } catch (error) {
      this.error = (error as Error).message;
    }
    this.soon(Math.min(3000, Math.max(500, 500 * this.blockSeconds || 1000)));
  }

  /** What changes rarely. */
  private async slowly(contract: Contract, height: number, time: string) {
    const back = Math.max(1, height - 100);
    const [config, nodes, projects, old] = await Promise.all([
      contract.config(),
      contract.nodes(),
      contract.projects(),
      height > back ? contract.rpc.block(back) : undefined,
    ]);
    this.config = config;
    this.nodes = nodes;
    this.projects = projects;
    if (old) this.blockSeconds = (Date.parse(time) - Date.parse(old.header.time)) / 1000 / (height - back);
    else this.blockSeconds = config.settings.block_time_ms / 1000;
  }

  /** Reads new requests, and those again that had not ended. */
  private async refresh(contract: Contract) {
    const newest = await contract.newestRequest(this.newest);
    const first = Math.max(1, newest - RECENT + 1);
    const next = new Map([...this.recent].filter(([id]) => id >= first));
    const open: number[] = [];
    for (let id = first; id <= newest; id++) {
      const status = next.get(id)?.request.status;
      if (status === undefined || status === 'waiting' || status === 'drawn') open.push(id);
    }
    if (open.length === 0) return;
    const [requests, results] = await Promise.all([
      contract.requests(open),
      contract.results(open[0] - 1, 100),
    ]);
    for (const request of requests) {
      const id = request.request;
      next.set(id, { request, result: results.find((result) => result.request === id) });
    }
    this.newest = newest;
    this.recent = next;
  }

  /** The newest requests, the newest first. */
  get entries(): Entry[] {
    return [...this.recent.values()].sort((a, b) => b.request.request - a.request.request);
  }

  projectName = (id: number): string => this.projects.find((p) => p.project === id)?.name ?? `project ${id}`;
  nodeName = (id: number): string => this.nodes.find((n) => n.node === id)?.moniker || `node ${id}`;

  /** Both implementations of the verification. */
  async implementations(): Promise<Primitives[]> {
    this.wasm ??= fetch('./verifier.wasm').then(async (response) => {
      if (!response.ok) throw new Error(`verifier.wasm: ${response.status}`);
      return loadWasm(await response.arrayBuffer());
    });
    return [independent, await this.wasm];
  }
}

export const app = new App();
