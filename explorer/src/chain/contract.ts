// The contract's queries, each one call of the RPC.

import type * as t from './types';
import type { Rpc } from './rpc';

/** The units that a schedule gives in an epoch. */
export const unitsAt = (schedule: t.Node['schedule'], epoch: number): number =>
  schedule.filter((from) => from.epoch <= epoch).at(-1)?.units ?? 0;

/** The key a node draws with in an epoch. */
export const keyAt = (keys: t.Node['keys'], epoch: number): string | undefined =>
  (keys.filter((from) => from.epoch <= epoch).at(-1) ?? keys[0])?.key;

/** The gateway contract, asked through one node of the chain. */
export class Contract {
  constructor(
    readonly rpc: Rpc,
    readonly address: string,
  ) {}

  private ask<T>(query: object): Promise<T> {
    return this.rpc.smart<T>(this.address, query);
  }

  config = () => this.ask<t.Config>({ config: {} });
  counter = () => this.ask<t.Counter>({ counter: {} });
  governance = () => this.ask<{ paused: boolean; offered_to: string | null }>({ governance: {} });
  beacon = () => this.ask<{ epoch: number; lowest: { node: number; value: string } | null }>({ beacon: {} });
  engines = () => this.ask<t.Engines>({ engines: {} });
  ledger = () => this.ask<{ denom: string } & Record<string, string>>({ ledger: {} });
  round = (round: number) => this.ask<t.Round>({ round: { round } });
  epoch = (epoch: number) => this.ask<t.Epoch>({ epoch: { epoch } });
  request = (request: number) => this.ask<t.Request>({ request: { request } });
  project = (project: number) => this.ask<t.Project>({ project: { project } });
  version = (project: number, version: number) => this.ask<t.Version>({ version: { project, version } });
  presence = (node: number, epoch: number) => this.ask<{ seen: number; expected: number }>({ presence: { node, epoch } });
  rewards = (address: string) => this.ask<{ amount: string }>({ rewards: { address } });
  fee = (project: number) =>
    this.ask<{ denom: string; total: string; committee: string; relay: string; project: string }>({ estimate_fee: { project } });
  access = (project: number) =>
    this.ask<{ paused: boolean; requesters: object; scheduled: { version: number; height: number } | null }>({
      project_access: { project },
    });

  /** A request's result; absent where it has none. */
  async result(request: number): Promise<t.Result | undefined> {
    const found = await this.results(request - 1, 1);
    return found.find((result) => result.request === request);
  }

  /** Results after a request, at most `limit`. A page of the contract may be short: it is over where one is empty. */
  async results(startAfter: number, limit = 100): Promise<t.Result[]> {
    const found: t.Result[] = [];
    while (found.length < limit) {
      const start_after = found.at(-1)?.request ?? startAfter;
      const page = await this.ask<{ results: any[] }>({ results: { start_after, limit: limit - found.length } });
      if (page.results.length === 0) break;
      found.push(...page.results.map(normal));
    }
    return found;
  }

  /** Every node; asks page by page. */
  nodes = () => this.all<t.Node>('nodes', (node) => node.node);

  /** Every project; asks page by page. */
  projects = () => this.all<t.Project>('projects', (project) => project.project);

  private async all<T>(list: string, id: (entry: T) => number): Promise<T[]> {
    const found: T[] = [];
    for (let pages = 0; pages < 200; pages++) {
      const start_after = found.length ? id(found[found.length - 1]) : null;
      const page = (await this.ask<Record<string, T[]>>({ [list]: { start_after, limit: 100 } }))[list];
      if (page.length === 0) break;
      found.push(...page);
    }
    return found;
  }

  /** Requests by their ids, in that order; those that do not exist are left out. A page of the contract may be short. */
  async requests(ids: number[]): Promise<t.Request[]> {
    const found: t.Request[] = [];
    for (let rest = ids; rest.length > 0; ) {
      const asked = rest.slice(0, 100);
      const page = (await this.ask<{ requests: t.Request[] }>({ requests: { requests: asked } })).requests;
      found.push(...page);
      const last = page.at(-1)?.request;
      rest = last === undefined ? rest.slice(asked.length) : rest.slice(rest.indexOf(last) + 1);
    }
    return found;
  }

  /** The newest request's id, or 0: found by doubling and halving, since the contract does not list ended requests. */
  async newestRequest(known = 0): Promise<number> {
    const exists = async (id: number) => (await this.requests([id])).length > 0;
    let low = known;
    let step = 1;
    while (await exists(low + step)) {
      low += step;
      step *= 2;
    }
    let high = low + step;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await exists(middle)) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** The contract calls the seats needed `quorum_seats`. */
function normal(result: any): t.Result {
  return { ...result, quorum: result.quorum_seats };
}
