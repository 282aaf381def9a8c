import DataLoader from 'dataloader';
import { hash } from '../ingest/canonical.ts';
import type { Document, EachRange, Entry, Index, Key, Position, Range, Store } from '../store/port.ts';
import { refuse } from './errors.ts';

/** The page size where `first` is not given. */
const DEFAULT_PAGE = 20;
/** The largest page. */
const LARGEST_PAGE = 1_000;
/** `totalCount` is exact up to here, and null above: a store counts to 100,000 in one command. */
const COUNT_BOUND = 99_999;

/** The arguments of every connection: forward pages by keyset cursor. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** A page as the Relay specification has it. `totalCount` is computed only where it is asked for. */
export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly nodes: readonly T[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: () => Promise<number | null>;
}

/** A stretch of an index without the page. */
export type Stretch = Pick<Range, 'prefix' | 'from' | 'to' | 'reverse'>;

/** How many entries a page asks for. @throws PAGE_TOO_LARGE, BAD_ARGUMENT */
function pageSize({ first }: PageArguments): number {
  const size = first ?? DEFAULT_PAGE;
  if (size < 0) throw refuse('BAD_ARGUMENT', `expected \`first\` from 0 to ${LARGEST_PAGE}, got ${size}`);
  if (size > LARGEST_PAGE) {
    throw refuse('PAGE_TOO_LARGE', `expected \`first\` of at most ${LARGEST_PAGE}, got ${size}; ask for more by \`after\``);
  }
  return size;
}

/** A cursor: the list it belongs to and a position in it. */
function toCursor(binding: string, position: Position): string {
  return Buffer.from(JSON.stringify([binding, position])).toString('base64url');
}

function parseCursor(cursor: string, binding: string): Position {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    // Not JSON: reported below like every other text that is no cursor.
    parts = null;
  }
  if (!Array.isArray(parts) || parts.length !== 2 || !parts.every((part) => typeof part === 'string')) {
    throw refuse('BAD_CURSOR', 'expected a cursor from `endCursor` or an edge of an earlier page, got something else');
  }
  const [madeFor, position] = parts as [string, Position];
  if (madeFor !== binding) {
    throw refuse('CURSOR_OF_ANOTHER_QUERY', 'expected a cursor of this list with the same filter and order; begin without `after`');
  }
  return position;
}

function bindingOf(index: Index<never>, stretch: Stretch): string {
  const { prefix = [], from = null, to = null, reverse = false } = stretch;
  return hash([index.collection.name, index.name, [...prefix], from, to, reverse]).slice(0, 8);
}

function toConnection<D extends Document>(
  entries: readonly Entry<D>[],
  size: number,
  hasPreviousPage: boolean,
  binding: string,
  count: () => Promise<number>,
): Connection<D> {
  const edges = entries.slice(0, size).map(({ position, document }) => ({
    cursor: toCursor(binding, position),
    node: document,
  }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: entries.length > size,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: async () => {
      const counted = await count();
      return counted > COUNT_BOUND ? null : counted;
    },
  };
}

/** One page of an index's stretch, in one store command. @throws BAD_CURSOR, CURSOR_OF_ANOTHER_QUERY, PAGE_TOO_LARGE */
export async function scanConnection<D extends Document>(
  store: Store,
  index: Index<D>,
  stretch: Stretch,
  page: PageArguments,
): Promise<Connection<D>> {
  const size = pageSize(page);
  const binding = bindingOf(index, stretch);
  const position = typeof page.after === 'string' ? parseCursor(page.after, binding) : null;
  const bound = position === null ? {} : stretch.reverse === true ? { before: position } : { after: position };
  const entries = await store.scan(index, { ...stretch, ...bound, limit: size + 1 });
  const { prefix = [], ...range } = stretch;
  return toConnection(entries, size, position !== null, binding, async () => {
    const [count = 0] = await store.countEach(index, [prefix], { ...range, limit: COUNT_BOUND + 1 });
    return count;
  });
}

/** A page of one of many parents: the parent's prefix, the rest of the stretch, the page. */
export interface ParentPage extends PageArguments {
  readonly prefix: Key;
  readonly from?: Stretch['from'];
  readonly to?: Stretch['to'];
  readonly reverse?: boolean;
}

/**
 * Loads the same page of many parents in one store command, and their counts in another where they are asked for. A
 * page behind a cursor belongs to one parent only and takes a command of its own. One a request.
 */
export function createConnectionLoader<D extends Document>(
  store: Store,
  index: Index<D>,
): { load(page: ParentPage): Promise<Connection<D>> } {
  const counts = createGroupedLoader<number>((range, prefixes) => store.countEach(index, prefixes, range), (page) => ({
    ...rangeOf(page),
    limit: COUNT_BOUND + 1,
  }));
  const pages = createGroupedLoader<Entry<D>[]>((range, prefixes) => store.scanEach(index, prefixes, range), (page) => ({
    ...rangeOf(page),
    limit: pageSize(page) + 1,
  }));
  return {
    async load(page) {
      const stretch = { prefix: page.prefix, ...rangeOf(page) };
      if (typeof page.after === 'string') return scanConnection(store, index, stretch, page);
      const entries = await pages.load(page);
      return toConnection(entries, pageSize(page), false, bindingOf(index, stretch), () => counts.load(page));
    },
  };
}

function rangeOf({ from, to, reverse }: ParentPage): Omit<EachRange, 'limit'> {
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(reverse === undefined ? {} : { reverse }),
  };
}

/** A DataLoader whose batch is one store command for each distinct range; nearly always there is one. */
function createGroupedLoader<R>(
  run: (range: EachRange, prefixes: readonly Key[]) => Promise<R[]>,
  toRange: (page: ParentPage) => EachRange,
): DataLoader<ParentPage, R, string> {
  return new DataLoader<ParentPage, R, string>(
    async (pages) => {
      const groups = new Map<string, { range: EachRange; members: number[] }>();
      pages.forEach((page, member) => {
        const range = toRange(page);
        const name = JSON.stringify(range);
        const group = groups.get(name) ?? { range, members: [] };
        group.members.push(member);
        groups.set(name, group);
      });
      const results: R[] = [];
      await Promise.all(
        [...groups.values()].map(async ({ range, members }) => {
          const answers = await run(range, members.map((member) => pages[member]?.prefix ?? []));
          members.forEach((member, place) => {
            results[member] = answers[place] as R;
          });
        }),
      );
      return results;
    },
    { cacheKeyFn: (page) => JSON.stringify([page.prefix, toRange(page)]) },
  );
}

/** A DataLoader of documents by id: one store command a tick, null where there is no document. One a request. */
export function createDocumentLoader<D extends Document>(
  store: Store,
  collection: { readonly name: string; readonly indexes: readonly Index<D>[] },
): DataLoader<string, D | null> {
  return new DataLoader<string, D | null>((ids) => store.get(collection, ids));
}

/** Joins pages of several lists one after the other, as `origin: ANY` asks; cursors stay those of their own list. */
export async function joinConnections<T>(
  load: readonly ((page: PageArguments) => Promise<Connection<T>>)[],
  page: PageArguments,
): Promise<Connection<T>> {
  const size = pageSize(page);
  let after = page.after ?? null;
  const parts: Connection<T>[] = [];
  let taken = 0;
  let started = after === null;
  const counts: (() => Promise<number | null>)[] = [];
  for (const [place, next] of load.entries()) {
    const own = started ? null : await next({ first: 0, after }).catch((error: unknown) => error as Error);
    if (own instanceof Error) {
      // The cursor is of a later list; only the last list's word on it counts.
      if (place === load.length - 1) throw own;
      counts.push((await next({ first: 0 })).totalCount);
      continue;
    }
    const part = await next({ first: size - taken, after: started ? null : after });
    counts.push(part.totalCount);
    started = true;
    after = null;
    parts.push(part);
    taken += part.edges.length;
  }
  const edges = parts.flatMap((part) => part.edges);
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: parts.some((part) => part.pageInfo.hasNextPage),
      hasPreviousPage: typeof page.after === 'string',
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: async () => {
      const numbers = await Promise.all(counts.map((count) => count()));
      return numbers.includes(null) ? null : numbers.reduce<number>((sum, number) => sum + (number ?? 0), 0);
    },
  };
}
