import type { AnyCollection, Collection, Document, Entry, Index, Key, KeyPart, Range, Transaction } from '../store/port.ts';

/** The part of a store that rollups use, in memory, without durability or commits; counts its commands. */
export class MemoryStore implements Transaction {
  readonly #collections = new Map<string, Map<string, Document>>();
  commands = { get: 0, scan: 0, put: 0 };

  async get<D extends Document>(collection: Collection<D>, ids: readonly string[]): Promise<(D | null)[]> {
    this.commands.get++;
    const documents = this.#of(collection);
    return ids.map((id) => documents.get(id) ?? null);
  }

  async scan<D extends Document>(index: Index<D>, range: Range): Promise<Entry<D>[]> {
    this.commands.scan++;
    return this.#scan(index, range.prefix ?? [], range);
  }

  put<D extends Document>(collection: Collection<D>, document: D): void {
    this.commands.put++;
    this.#of(collection).set(document.id, document);
  }

  remove(collection: AnyCollection, id: string): void {
    this.#of(collection as unknown as Collection<Document>).delete(id);
  }

  /** Nobody else writes here. */
  hold(): void {}

  /** All documents by id. */
  all<D extends Document>(collection: Collection<D>): D[] {
    return [...this.#of(collection).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #scan<D extends Document>(index: Index<D>, prefix: Key, { from, to, limit }: Range): Entry<D>[] {
    const inside = (key: Key | null): key is Key => {
      if (!key || prefix.some((part, at) => key[at] !== part)) return false;
      const part = key[prefix.length] ?? null;
      return (from === undefined || compare(part, from) >= 0) && (to === undefined || compare(part, to) < 0);
    };
    return [...this.#of(index.collection).values()]
      .map((document) => ({ key: index.key(document), document }))
      .filter((entry): entry is { key: Key; document: D } => inside(entry.key))
      .sort((a, b) => a.key.map((part, at) => compare(part, b.key[at] ?? null)).find((order) => order !== 0) ?? 0)
      .slice(0, limit)
      .map(({ key, document }) => ({ position: JSON.stringify(key), document }));
  }

  #of<D extends Document>(collection: Collection<D>): Map<string, D> {
    let documents = this.#collections.get(collection.name);
    if (!documents) this.#collections.set(collection.name, (documents = new Map()));
    // Only `put` of the same collection adds to it.
    return documents as Map<string, D>;
  }
}

function compare(a: KeyPart, b: KeyPart): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}
