/** What is under way for one caller, by what was asked. */
interface UnderWay<T> {
  readonly answer: Promise<T>;
  readonly end: AbortController;
  waiting: number;
}

/**
 * Shares an answer that is under way between those who ask the same at the same time on behalf of one caller, never between callers.
 * Nothing is kept once it has come.
 */
export interface SharedFetches<T> {
  /**
   * The answer to `key` for `caller`, told by identity; `start` is called where none is under way. Where `signal` is aborted only this
   * request stops waiting: what is under way ends when nobody waits for it any more.
   */
  ask(caller: object, key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export function createSharedFetches<T>(): SharedFetches<T> {
  const byCaller = new WeakMap<object, Map<string, UnderWay<T>>>();
  return {
    ask(caller, key, signal, start) {
      let known = byCaller.get(caller);
      if (!known) byCaller.set(caller, (known = new Map()));
      const all = known;
      let shared = all.get(key);
      if (!shared) {
        const end = new AbortController();
        const begun: UnderWay<T> = { answer: start(end.signal), end, waiting: 0 };
        shared = begun;
        all.set(key, begun);
        const forget = (): void => {
          if (all.get(key) === begun) all.delete(key);
        };
        begun.answer.then(forget, forget);
      }
      const fetch = shared;
      fetch.waiting += 1;
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          fetch.waiting -= 1;
          reject(signal.reason);
          if (fetch.waiting > 0) return;
          // Whoever comes now must not wait for what is being ended.
          if (all.get(key) === fetch) all.delete(key);
          fetch.end.abort(signal.reason);
        };
        signal.addEventListener('abort', leave, { once: true });
        if (signal.aborted) leave();
        fetch.answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
      });
    },
  };
}
