/** What waits for its moment; equal moments keep the order in which they were put. */
export interface Queue<T> {
  put(at: number, item: T): void;
  /** Takes out, in order, all that comes before `end`. */
  takeBefore(end: number): Generator<T>;
}

interface Slot<T> {
  readonly at: number;
  readonly turn: number;
  readonly item: T;
}

/** A binary heap: the studio holds only what has been planned and not yet told, a few hours of a company's life. */
export function createQueue<T>(): Queue<T> {
  const heap: Slot<T>[] = [];
  let turns = 0;
  const isBefore = (a: Slot<T>, b: Slot<T>): boolean => a.at < b.at || (a.at === b.at && a.turn < b.turn);

  function put(at: number, item: T): void {
    const slot = { at, turn: (turns += 1), item };
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, slot)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = slot;
  }

  function take(first: Slot<T>): T {
    const last = heap.pop();
    if (last === undefined || last === first) return first.item;
    let place = 0;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      const [child, next] = right !== undefined && left !== undefined && isBefore(right, left) ? [right, 2 * place + 2] : [left, 2 * place + 1];
      if (child === undefined || isBefore(last, child)) break;
      heap[place] = child;
      place = next;
    }
    heap[place] = last;
    return first.item;
  }

  return {
    put,
    *takeBefore(end) {
      for (let first = heap[0]; first !== undefined && first.at < end; first = heap[0]) yield take(first);
    },
  };
}
