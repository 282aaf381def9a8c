import type { Store } from '../store/port.ts';

/** Takes items in one commit and says what became of each, in their order. */
export type CommitItems<I, O> = (store: Store, items: readonly I[]) => Promise<readonly O[]>;

interface Waiting<I, O> {
  readonly items: readonly I[];
  readonly resolve: (outcomes: readonly O[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Desk<I, O> {
  readonly waiting: Waiting<I, O>[];
  isBusy: boolean;
}

/** As many items go into one commit at the most, unless one caller brings more at once. */
const MOST_ITEMS = 4_000;

/**
 * Gathers what arrives together: while a commit runs, later items wait, and the next commit takes them all, in the order of
 * their arrival. So a thousand callers with one item each cost a few commits. Where a commit of several callers fails, each of
 * them is tried alone, so that nobody fails for another's items.
 */
export function createGatherer<I, O>(commit: CommitItems<I, O>): CommitItems<I, O> {
  const desks = new WeakMap<Store, Desk<I, O>>();

  const settle = async (store: Store, callers: readonly Waiting<I, O>[]): Promise<void> => {
    try {
      const outcomes = await commit(store, callers.flatMap(({ items }) => items));
      let at = 0;
      for (const { items, resolve } of callers) resolve(outcomes.slice(at, (at += items.length)));
    } catch (error) {
      const [only] = callers;
      if (callers.length === 1) only?.reject(error);
      else for (const caller of callers) await settle(store, [caller]);
    }
  };

  const work = async (store: Store, desk: Desk<I, O>): Promise<void> => {
    desk.isBusy = true;
    // A turn of the event loop, so that callers of the same turn are gathered too.
    await new Promise((resolve) => setImmediate(resolve));
    while (desk.waiting.length > 0) {
      let count = 0;
      let callers = 0;
      for (const { items } of desk.waiting) {
        if (callers > 0 && count + items.length > MOST_ITEMS) break;
        count += items.length;
        callers += 1;
      }
      await settle(store, desk.waiting.splice(0, callers));
    }
    desk.isBusy = false;
  };

  return (store, items) =>
    new Promise((resolve, reject) => {
      let desk = desks.get(store);
      if (desk === undefined) desks.set(store, (desk = { waiting: [], isBusy: false }));
      desk.waiting.push({ items, resolve, reject });
      if (!desk.isBusy) void work(store, desk);
    });
}
