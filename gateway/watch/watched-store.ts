import { StoreError } from '../../kit/store/port.ts';
import type { Store } from '../../kit/store/port.ts';

/** That the store takes no writes. */
export interface StoreTrouble {
  /** Of the first write that failed; milliseconds since the epoch. */
  readonly since: number;
  /** What the last of them failed with: it may name hosts, never credentials. */
  readonly reason: string;
}

export interface WatchedStore {
  readonly store: Store;
  /** Null where no write failed since it was last forgotten: on a disk that is all but full small writes succeed between others that do not. */
  readonly trouble: () => StoreTrouble | null;
  /** For who has seen that there is room again. */
  readonly forget: () => void;
}

/** The same store, remembering whether a write was not taken. */
export function watchStore(store: Store, now: () => number): WatchedStore {
  let trouble: StoreTrouble | null = null;
  const watched: Store = {
    get: (collection, ids) => store.get(collection, ids),
    scan: (index, range) => store.scan(index, range),
    list: (collection, page) => store.list(collection, page),
    scanEach: (index, prefixes, range) => store.scanEach(index, prefixes, range),
    countEach: (index, prefixes, range) => store.countEach(index, prefixes, range),
    async commit(work) {
      try {
        return await store.commit(work);
      } catch (error) {
        if (error instanceof StoreError && error.code === 'STORE_UNAVAILABLE') trouble = { since: trouble?.since ?? now(), reason: error.message };
        throw error;
      }
    },
    commands: store.commands,
    close: () => store.close(),
  };
  return {
    store: watched,
    trouble: () => trouble,
    forget: () => {
      trouble = null;
    },
  };
}
