import type { Store } from './port.ts';

/**
 * A store whose next commit is overtaken: what `between` does happens after the work has read and before it is written, as
 * another process may do it. Only the first run of the work is; where the two conflict, the work runs again by itself.
 */
export function overtake(store: Store, between: () => Promise<unknown>): Store {
  let isOvertaken = false;
  return {
    get: (collection, ids) => store.get(collection, ids),
    scan: (index, range) => store.scan(index, range),
    list: (collection, page) => store.list(collection, page),
    scanEach: (index, prefixes, range) => store.scanEach(index, prefixes, range),
    countEach: (index, prefixes, range) => store.countEach(index, prefixes, range),
    commands: store.commands,
    close: () => store.close(),
    commit: (work) =>
      store.commit(async (transaction) => {
        const result = await work(transaction);
        if (!isOvertaken) {
          isOvertaken = true;
          await between();
        }
        return result;
      }),
  };
}
