// The package's face.
export { GatewayClient, type ChainClient, type Ended, type SigningChainClient } from './client.ts';
export { RelayClient, RelayError, type RelayRequest } from './relay-client.ts';
export type * as contract from './contract.ts';
export type * as relay from './relay.ts';
