import type { Collection, Document, Store } from './port.ts';

/** Documents of a page. */
const PAGE = 1_000;

/** A whole collection in the order of ids, a page at a time; what is written meanwhile behind the place of reading is missed. */
export async function* readAll<D extends Document>(store: Store, collection: Collection<D>): AsyncGenerator<D[]> {
  for (let after: string | undefined; ; ) {
    const page = await store.list(collection, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}
