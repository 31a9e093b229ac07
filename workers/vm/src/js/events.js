// Events and their targets, DOMException, and the signals that give a request up.
const DOM_ERRORS = ['IndexSizeError', 'HierarchyRequestError', 'WrongDocumentError', 'InvalidCharacterError', 'NoModificationAllowedError', 'NotFoundError',
  'NotSupportedError', 'InUseAttributeError', 'InvalidStateError', 'SyntaxError', 'InvalidModificationError', 'NamespaceError', 'InvalidAccessError',
  'TypeMismatchError', 'SecurityError', 'NetworkError', 'AbortError', 'URLMismatchError', 'QuotaExceededError', 'TimeoutError', 'InvalidNodeTypeError', 'DataCloneError'];
const DOM_CODES = [1, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25];
class DOMException extends Error {
  constructor(message = '', name = 'Error') {
    super(`${message}`);
    define(this, 'name', `${typeof name === 'object' && name !== null ? name.name ?? 'Error' : name}`);
    if (typeof name === 'object' && name !== null && 'cause' in name) define(this, 'cause', name.cause);
  }
  get code() { return DOM_CODES[DOM_ERRORS.indexOf(this.name)] ?? 0; }
}

class Event {
  #type; #bubbles; #cancelable; #prevented = false; #stopped = false; #target = null;
  constructor(type, { bubbles = false, cancelable = false } = {}) {
    this.#type = `${type}`;
    this.#bubbles = Boolean(bubbles);
    this.#cancelable = Boolean(cancelable);
  }
  get type() { return this.#type; }
  get bubbles() { return this.#bubbles; }
  get cancelable() { return this.#cancelable; }
  get defaultPrevented() { return this.#prevented; }
  get target() { return this.#target; }
  get currentTarget() { return this.#target; }
  get timeStamp() { return 0; }
  preventDefault() { if (this.#cancelable) this.#prevented = true; }
  stopPropagation() {}
  stopImmediatePropagation() { this.#stopped = true; }
  static begin(event, target) { event.#target = target; event.#stopped = false; }
  static stopped(event) { return event.#stopped; }
}
const { begin: beginEvent, stopped: eventStopped } = Event;
delete Event.begin;
delete Event.stopped;
class CustomEvent extends Event {
  #detail;
  constructor(type, init = {}) {
    super(type, init);
    this.#detail = init.detail ?? null;
  }
  get detail() { return this.#detail; }
}

class EventTarget {
  #listeners = [];
  addEventListener(type, listener, options = {}) {
    if (listener === null || listener === undefined) return;
    const once = typeof options === 'object' && options !== null && Boolean(options.once);
    if (this.#listeners.some((l) => l.type === `${type}` && l.listener === listener)) return;
    this.#listeners.push({ type: `${type}`, listener, once });
    options?.signal?.addEventListener('abort', () => this.removeEventListener(type, listener));
  }
  removeEventListener(type, listener) {
    this.#listeners = this.#listeners.filter((l) => l.type !== `${type}` || l.listener !== listener);
  }
  dispatchEvent(event) {
    beginEvent(event, this);
    this[`on${event.type}`]?.(event);
    for (const registered of [...this.#listeners]) {
      const { type, listener, once } = registered;
      // One that another has removed meanwhile does not run.
      if (type !== event.type || eventStopped(event) || !this.#listeners.includes(registered)) continue;
      if (once) this.removeEventListener(type, listener);
      if (typeof listener === 'function') listener.call(this, event);
      else listener.handleEvent(event);
    }
    return !event.defaultPrevented;
  }
}

class AbortSignal extends EventTarget {
  #reason;
  #aborted = false;
  onabort = null;
  get aborted() { return this.#aborted; }
  get reason() { return this.#reason; }
  throwIfAborted() { if (this.#aborted) throw this.#reason; }
  static fire(signal, reason = new DOMException('This operation was aborted', 'AbortError')) {
    if (signal.#aborted) return;
    signal.#aborted = true;
    signal.#reason = reason;
    signal.dispatchEvent(new Event('abort'));
  }
  static abort(reason) {
    const signal = new AbortSignal();
    fireAbort(signal, reason);
    return signal;
  }
  static timeout(milliseconds) {
    const signal = new AbortSignal();
    setTimeout(() => fireAbort(signal, new DOMException('The operation timed out', 'TimeoutError')), milliseconds);
    return signal;
  }
  static any(signals) {
    const signal = new AbortSignal();
    for (const other of signals) {
      if (other.aborted) { fireAbort(signal, other.reason); break; }
      other.addEventListener('abort', () => fireAbort(signal, other.reason));
    }
    return signal;
  }
}
const fireAbort = AbortSignal.fire;
delete AbortSignal.fire;
class AbortController {
  #signal = new AbortSignal();
  get signal() { return this.#signal; }
  abort(reason) { fireAbort(this.#signal, reason); }
}
for (const type of [DOMException, Event, CustomEvent, EventTarget, AbortSignal, AbortController]) defineClass(type);
