// What a project's code has besides the language itself: everything here exists in the gateway's VM, and nothing else does.
// Use it with "lib": ["es2024"] and "types": []: the DOM's and Node's own types name much that does not exist here. TypeScript
// declares Temporal from version 6 on, in "esnext.temporal".

/** What is passed to the default export beside the input. */
interface GatewayContext {
  /** Block time of the draw, milliseconds since 1970: what `Date.now()` says too. */
  readonly now: number;
}

/** A response as `transform` gets it. */
interface GatewayTransformed {
  status: number;
  readonly url: string;
  headers: Record<string, string>;
  body: Uint8Array;
  text(): string;
  json(reviver?: GatewayReviver): any;
}

/** What `transform` may return; what is left out stays as it was. */
interface GatewayTransform {
  /** 100 to 999. */
  status?: number;
  headers?: HeadersInit;
  /** Bytes, a Blob, a text, or any other value, which is written as JSON. */
  body?: unknown;
}

/** A buffer or a view of one, a text of the form `0x…`, or any other text, which stands for its UTF-8. */
type GatewayBytes = ArrayBuffer | ArrayBufferView | string;

/** How a decimal is rounded. Default `half`: away from zero from the middle on. */
type GatewayRounding = 'half' | 'even' | 'up' | 'down' | 'floor' | 'ceil';

/** What a decimal is made from. */
type GatewayDecimalLike = GatewayDecimal | string | number | bigint;

/** A decimal number of any size. Immutable; sums and products are exact. */
interface GatewayDecimal {
  plus(other: GatewayDecimalLike): GatewayDecimal;
  minus(other: GatewayDecimalLike): GatewayDecimal;
  times(other: GatewayDecimalLike): GatewayDecimal;
  /** Divides to `places` decimal places, 18 where absent. */
  dividedBy(other: GatewayDecimalLike, places?: number, rounding?: GatewayRounding): GatewayDecimal;
  negated(): GatewayDecimal;
  abs(): GatewayDecimal;
  /** Rounds to `places`, 0 where absent; -2 rounds to hundreds. */
  round(places?: number, rounding?: GatewayRounding): GatewayDecimal;
  /** -1, 0 or 1. */
  compare(other: GatewayDecimalLike): -1 | 0 | 1;
  equals(other: GatewayDecimalLike): boolean;
  toFixed(places?: number): string;
  /** The number in units of 10^-decimals, rounded towards zero. */
  toBigInt(decimals?: number): bigint;
  toNumber(): number;
  toString(): string;
  toJSON(): string;
  /** Throws a TypeError: a decimal has no operators. */
  valueOf(): never;
}

interface GatewayDecimalConstructor {
  new (value?: GatewayDecimalLike): GatewayDecimal;
  /** The median; of an even count, the middle of the two in the middle. */
  median(values: readonly GatewayDecimalLike[]): GatewayDecimal;
}

/** An answer with a status that is not good, thrown by `gateway.fetchJson`. Uncaught, the run ends with the class `http_status`. */
interface GatewayHttpError extends Error {
  readonly status: number;
}

interface GatewayHttpErrorConstructor {
  new (status: number, url: string): GatewayHttpError;
}

/** The source of the data is out of reach or stale. Uncaught, the node abstains and tries anew: no outcome of the code. */
interface GatewaySourceErrorConstructor {
  new (message?: string): Error;
}

/** How `fetchJson` reads statuses, beside what `fetch` takes. */
interface GatewayFetchJsonInit extends RequestInit {
  /** Statuses that are a source out of reach too. */
  unavailable?: readonly number[];
  /** Statuses that are an outcome of the code after all. */
  outcomes?: readonly number[];
  /** As `JSON.parse` takes it: `context.source` has every digit of a number. */
  reviver?: GatewayReviver;
}

type GatewayReviver = (this: any, key: string, value: any, context: { source?: string }) => any;

/** An element of an XML document. */
interface GatewayXmlElement {
  readonly name: string;
  readonly namespace?: string;
  readonly attributes: Record<string, string>;
  readonly children: readonly (GatewayXmlElement | string)[];
  /** The text of the element and of all below it. */
  readonly text: string;
  /** The first element at a path of names below this one, such as `channel/item`; `*` is any name. */
  find(path: string): GatewayXmlElement | null;
  findAll(path: string): GatewayXmlElement[];
}

/** An element of an HTML document. */
interface GatewayHtmlElement {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly text: string;
  readonly html: string;
}

interface GatewayHmacOptions {
  /** Default SHA-256. */
  hash?: GatewayHash;
  /** How the secret is written. Default `text`. */
  key?: 'text' | 'hex' | 'base64';
  /** Default `hex`. */
  output?: 'hex' | 'base64' | 'base64url';
}

type GatewayHash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** What the gateway offers besides the web's own functions. */
interface Gateway {
  /** JSON from an address. A source out of reach throws a `SourceError`, any other status but 200 to 299 an `HttpError`. */
  fetchJson(input: string | URL | Request, init?: GatewayFetchJsonInit): Promise<any>;
  readonly HttpError: GatewayHttpErrorConstructor;
  readonly SourceError: GatewaySourceErrorConstructor;
  /** The placeholder of a secret that the node's operator has set: the node fills it in where a request is sent. */
  readonly secret: {
    (name: string): string;
    /** The placeholder of the HMAC of a message under a secret. */
    hmac(name: string, message: GatewayBytes, options?: GatewayHmacOptions): string;
  };
  readonly xml: {
    /** The root element of a document of at most 1 MiB; document types are refused. */
    parse(text: string): GatewayXmlElement;
  };
  readonly html: {
    /** The elements that a CSS selector finds. */
    select(text: string, selector: string): GatewayHtmlElement[];
  };
  /** What a JSONPath (RFC 9535) finds in a value. */
  jsonPath(value: unknown, path: string): any[];
  readonly Decimal: GatewayDecimalConstructor;
  sha256(data: GatewayBytes): Uint8Array;
  keccak256(data: GatewayBytes): Uint8Array;
  ripemd160(data: GatewayBytes): Uint8Array;
  /** With `0x` in front. */
  toHex(data: GatewayBytes): string;
  fromHex(text: string): Uint8Array;
  /** Signatures of Ethereum and Cosmos accounts: 64 bytes, or 65 with the recovery id at the end; only the low `s` is taken. */
  readonly secp256k1: {
    verify(hash: GatewayBytes, signature: GatewayBytes, publicKey: GatewayBytes): boolean;
    /** The public key, 65 bytes. */
    recover(hash: GatewayBytes, signature: GatewayBytes, recovery?: number): Uint8Array;
  };
  /** Solidity's ABI. Integers come back as bigint, addresses and bytes as `0x…`. */
  readonly abi: {
    encode(types: readonly string[], values: readonly unknown[]): string;
    decode(types: readonly string[], data: GatewayBytes): unknown[];
    /** The first four bytes of the hash of a signature such as `transfer(address,uint256)`. */
    selector(signature: string): string;
  };
  readonly bech32: {
    encode(prefix: string, data: GatewayBytes): string;
    decode(text: string): { prefix: string; bytes: Uint8Array };
  };
}

declare const gateway: Gateway;

/** Why a `fetch` failed. `denied`: the policy forbids it, on every node alike; else the network failed, on this node. */
interface FetchError extends TypeError {
  readonly denied: boolean;
}

type HeadersInit = Headers | Record<string, string> | Iterable<readonly [string, string]>;
type BodyInit = string | URLSearchParams | ArrayBuffer | ArrayBufferView | Blob | FormData | ReadableStream;

interface RequestInit {
  /** GET and HEAD, unless the manifest lists others. */
  method?: string;
  headers?: HeadersInit;
  /** Not a stream: read it first. */
  body?: BodyInit | null;
  signal?: AbortSignal;
  /** Milliseconds after which the request fails with a `FetchError`. */
  timeout?: number;
  /** Tries after the first, for network failures and passing statuses. */
  retry?: number | { times?: number; delay?: number; factor?: number; statuses?: readonly number[] };
}

interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
}

declare function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

declare class Headers {
  constructor(init?: HeadersInit);
  append(name: string, value: string): void;
  set(name: string, value: string): void;
  get(name: string): string | null;
  has(name: string): boolean;
  delete(name: string): void;
  getSetCookie(): string[];
  forEach(callback: (value: string, name: string, headers: Headers) => void, self?: unknown): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

interface Body {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly bodyUsed: boolean;
  blob(): Promise<Blob>;
  /** Of a body that is `application/x-www-form-urlencoded`. */
  formData(): Promise<FormData>;
  bytes(): Promise<Uint8Array>;
  arrayBuffer(): Promise<ArrayBuffer>;
  text(): Promise<string>;
  json(reviver?: GatewayReviver): Promise<any>;
}

interface Request extends Body {}
declare class Request {
  constructor(input: string | URL | Request, init?: RequestInit);
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  clone(): Request;
}

interface Response extends Body {}
declare class Response {
  constructor(body?: BodyInit | null, init?: ResponseInit);
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly redirected: boolean;
  readonly type: string;
  readonly url: string;
  readonly headers: Headers;
  clone(): Response;
  static json(data: unknown, init?: ResponseInit): Response;
  static redirect(url: string | URL, status?: number): Response;
  static error(): Response;
}

declare class Blob {
  constructor(parts?: Iterable<Blob | ArrayBuffer | ArrayBufferView | string>, options?: { type?: string });
  readonly size: number;
  readonly type: string;
  slice(start?: number, end?: number, type?: string): Blob;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
  stream(): ReadableStream<Uint8Array>;
}

declare class File extends Blob {
  constructor(parts: Iterable<Blob | ArrayBuffer | ArrayBufferView | string>, name: string, options?: { type?: string; lastModified?: number });
  readonly name: string;
  readonly lastModified: number;
}

declare class FormData {
  append(name: string, value: string | Blob, filename?: string): void;
  set(name: string, value: string | Blob, filename?: string): void;
  get(name: string): string | File | null;
  getAll(name: string): (string | File)[];
  has(name: string): boolean;
  delete(name: string): void;
  forEach(callback: (value: string | File, name: string, form: FormData) => void, self?: unknown): void;
  entries(): IterableIterator<[string, string | File]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string | File>;
  [Symbol.iterator](): IterableIterator<[string, string | File]>;
}

interface ReadableStreamController<T> {
  readonly desiredSize: number;
  enqueue(chunk: T): void;
  close(): void;
  error(reason?: unknown): void;
}

interface StreamPipeOptions {
  preventClose?: boolean;
  preventAbort?: boolean;
  preventCancel?: boolean;
  signal?: AbortSignal;
}

interface ReadableStreamReader<T> {
  readonly closed: Promise<void>;
  read(): Promise<{ value: T; done: false } | { value: undefined; done: true }>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
}

/** Chunks wait in memory without a bound: everything is there already. */
declare class ReadableStream<T = any> {
  constructor(source?: {
    start?(controller: ReadableStreamController<T>): void;
    pull?(controller: ReadableStreamController<T>): void | Promise<void>;
    cancel?(reason?: unknown): void | Promise<void>;
  });
  readonly locked: boolean;
  cancel(reason?: unknown): Promise<void>;
  getReader(): ReadableStreamReader<T>;
  tee(): [ReadableStream<T>, ReadableStream<T>];
  /** Leaving the loop cancels the stream, unless `preventCancel` is given. */
  values(options?: { preventCancel?: boolean }): AsyncIterableIterator<T>;
  pipeThrough<U>(pair: { readable: ReadableStream<U>; writable: WritableStream<T> }, options?: StreamPipeOptions): ReadableStream<U>;
  pipeTo(writable: WritableStream<T>, options?: StreamPipeOptions): Promise<void>;
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
  static from<T>(items: Iterable<T> | AsyncIterable<T>): ReadableStream<T>;
}

interface WritableStreamController {
  readonly signal: AbortSignal;
  error(reason?: unknown): void;
}

interface WritableStreamWriter<T> {
  readonly closed: Promise<void>;
  readonly ready: Promise<void>;
  readonly desiredSize: number | null;
  write(chunk: T): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): Promise<void>;
  releaseLock(): void;
}

declare class WritableStream<T = any> {
  constructor(sink?: {
    start?(controller: WritableStreamController): void | Promise<void>;
    write?(chunk: T, controller: WritableStreamController): void | Promise<void>;
    close?(): void | Promise<void>;
    abort?(reason?: unknown): void | Promise<void>;
  });
  readonly locked: boolean;
  abort(reason?: unknown): Promise<void>;
  close(): Promise<void>;
  getWriter(): WritableStreamWriter<T>;
}

interface TransformStreamController<T> {
  readonly desiredSize: number;
  enqueue(chunk: T): void;
  error(reason?: unknown): void;
  terminate(): void;
}

declare class TransformStream<I = any, O = any> {
  constructor(transformer?: {
    start?(controller: TransformStreamController<O>): void | Promise<void>;
    transform?(chunk: I, controller: TransformStreamController<O>): void | Promise<void>;
    flush?(controller: TransformStreamController<O>): void | Promise<void>;
  });
  readonly readable: ReadableStream<O>;
  readonly writable: WritableStream<I>;
}

declare class TextDecoderStream {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly readable: ReadableStream<string>;
  readonly writable: WritableStream<BufferSource>;
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
}

declare class TextEncoderStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<string>;
  readonly encoding: string;
}

type CompressionFormat = 'gzip' | 'deflate' | 'deflate-raw';

/** Gives what it has packed when its input ends. */
declare class CompressionStream {
  constructor(format: CompressionFormat);
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<BufferSource>;
}

/** Gives what it has unpacked when its input ends, at most as many bytes as the run's buffers may have. */
declare class DecompressionStream {
  constructor(format: CompressionFormat);
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<BufferSource>;
}

declare class DOMException extends Error {
  constructor(message?: string, name?: string | { name?: string; cause?: unknown });
  readonly code: number;
}

declare class Event {
  constructor(type: string, init?: { bubbles?: boolean; cancelable?: boolean });
  readonly type: string;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly defaultPrevented: boolean;
  readonly target: EventTarget | null;
  readonly currentTarget: EventTarget | null;
  readonly timeStamp: number;
  preventDefault(): void;
  stopPropagation(): void;
  stopImmediatePropagation(): void;
}

declare class CustomEvent<T = any> extends Event {
  constructor(type: string, init?: { bubbles?: boolean; cancelable?: boolean; detail?: T });
  readonly detail: T;
}

type EventListener = ((event: Event) => void) | { handleEvent(event: Event): void };

declare class EventTarget {
  addEventListener(type: string, listener: EventListener | null, options?: { once?: boolean; signal?: AbortSignal }): void;
  removeEventListener(type: string, listener: EventListener): void;
  dispatchEvent(event: Event): boolean;
}

declare class AbortSignal extends EventTarget {
  readonly aborted: boolean;
  readonly reason: any;
  onabort: ((event: Event) => void) | null;
  throwIfAborted(): void;
  static abort(reason?: unknown): AbortSignal;
  static timeout(milliseconds: number): AbortSignal;
  static any(signals: readonly AbortSignal[]): AbortSignal;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  static canParse(url: string | URL, base?: string | URL): boolean;
  static parse(url: string | URL, base?: string | URL): URL | null;
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  readonly searchParams: URLSearchParams;
  hash: string;
  toString(): string;
  toJSON(): string;
}

declare class URLSearchParams {
  constructor(init?: string | Record<string, unknown> | Iterable<readonly [string, string]>);
  readonly size: number;
  append(name: string, value: unknown): void;
  set(name: string, value: unknown): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  delete(name: string, value?: string): void;
  sort(): void;
  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  toString(): string;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

/** Parts of an address as patterns, or as an address. */
interface URLPatternInit {
  protocol?: string;
  username?: string;
  password?: string;
  hostname?: string;
  port?: string;
  pathname?: string;
  search?: string;
  hash?: string;
  baseURL?: string;
}

interface URLPatternOptions {
  ignoreCase?: boolean;
}

interface URLPatternComponentResult {
  input: string;
  groups: Record<string, string | undefined>;
}

interface URLPatternResult {
  inputs: (string | URLPatternInit)[];
  protocol: URLPatternComponentResult;
  username: URLPatternComponentResult;
  password: URLPatternComponentResult;
  hostname: URLPatternComponentResult;
  port: URLPatternComponentResult;
  pathname: URLPatternComponentResult;
  search: URLPatternComponentResult;
  hash: URLPatternComponentResult;
}

/** Matches addresses against a pattern such as `/v1/prices/:coin`. A pattern or an address has up to 64 KiB. */
declare class URLPattern {
  constructor(input: string | URLPatternInit, baseURL: string, options?: URLPatternOptions);
  constructor(input?: string | URLPatternInit, options?: URLPatternOptions);
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly hasRegExpGroups: boolean;
  test(input?: string | URLPatternInit, baseURL?: string): boolean;
  exec(input?: string | URLPatternInit, baseURL?: string): URLPatternResult | null;
}

/** UTF-8. */
declare class TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}

/** Every encoding of the Encoding Standard, by any of its labels. */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

declare function atob(text: string): string;
declare function btoa(text: string): string;
declare function structuredClone<T>(value: T): T;
declare function queueMicrotask(callback: () => void): void;

/** Timers are virtual: they come in the order they are due, and nobody waits. */
declare function setTimeout<A extends unknown[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;
declare function setInterval<A extends unknown[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;
declare function setImmediate<A extends unknown[]>(callback: (...args: A) => void, ...args: A): number;
declare function clearTimeout(timer?: number): void;
declare function clearInterval(timer?: number): void;
declare function clearImmediate(timer?: number): void;

/** Virtual time, as timers move it. */
declare const performance: { now(): number; readonly timeOrigin: 0 };

/** For the author alone: what is written here stays on the node, and no outcome depends on it. */
declare const console: {
  log(...args: unknown[]): void;
  info(...args: unknown[]): void;
  debug(...args: unknown[]): void;
  trace(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  error(...args: unknown[]): void;
  dir(...args: unknown[]): void;
  dirxml(...args: unknown[]): void;
  table(...args: unknown[]): void;
  assert(condition?: unknown, ...args: unknown[]): void;
  group(...args: unknown[]): void;
  groupCollapsed(...args: unknown[]): void;
  groupEnd(): void;
  count(label?: string): void;
  countReset(label?: string): void;
  time(label?: string): void;
  timeEnd(label?: string): void;
  timeLog(label?: string): void;
  clear(): void;
};

/** Random numbers come from the request's seed: the same on every node, and unknown when the request is made. */
declare const crypto: {
  getRandomValues<T extends ArrayBufferView>(into: T): T;
  randomUUID(): string;
  readonly subtle: SubtleCrypto;
};

/** Another name of the global object. */
declare const self: typeof globalThis;

type BufferSource = ArrayBuffer | ArrayBufferView;
type CryptoAlgorithm = string | { name: string; [parameter: string]: unknown };
type KeyUsage = 'sign' | 'verify' | 'encrypt' | 'decrypt' | 'deriveKey' | 'deriveBits';

declare class CryptoKey {
  private constructor();
  readonly type: 'secret' | 'public';
  readonly extractable: boolean;
  readonly algorithm: { readonly name: string; readonly [parameter: string]: unknown };
  readonly usages: readonly KeyUsage[];
}

/** HMAC, AES-GCM, HKDF, PBKDF2, and the checking of signatures of Ed25519, ECDSA (P-256, P-384) and RSA (PKCS #1 v1.5, PSS). */
interface SubtleCrypto {
  digest(algorithm: GatewayHash | { name: GatewayHash }, data: BufferSource): Promise<ArrayBuffer>;
  /** Formats: `raw` and `jwk`; of public keys `spki` too. */
  importKey(
    format: 'raw' | 'raw-secret' | 'raw-public' | 'jwk' | 'spki', data: BufferSource | Record<string, unknown>,
    algorithm: CryptoAlgorithm, extractable: boolean, usages: readonly KeyUsage[],
  ): Promise<CryptoKey>;
  exportKey(format: 'raw', key: CryptoKey): Promise<ArrayBuffer>;
  exportKey(format: 'jwk', key: CryptoKey): Promise<Record<string, unknown>>;
  /** Of HMAC and AES-GCM, from the request's seed. */
  generateKey(algorithm: CryptoAlgorithm, extractable: boolean, usages: readonly KeyUsage[]): Promise<CryptoKey>;
  /** HMAC. */
  sign(algorithm: CryptoAlgorithm, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  verify(algorithm: CryptoAlgorithm, key: CryptoKey, signature: BufferSource, data: BufferSource): Promise<boolean>;
  /** HKDF and PBKDF2; a length in bits, a multiple of 8. */
  deriveBits(algorithm: CryptoAlgorithm, key: CryptoKey, length: number): Promise<ArrayBuffer>;
  deriveKey(
    algorithm: CryptoAlgorithm, key: CryptoKey, derived: CryptoAlgorithm, extractable: boolean, usages: readonly KeyUsage[],
  ): Promise<CryptoKey>;
  /** AES-GCM: an iv of 12 bytes, a tag of 128 bits. */
  encrypt(algorithm: CryptoAlgorithm, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  decrypt(algorithm: CryptoAlgorithm, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
}
