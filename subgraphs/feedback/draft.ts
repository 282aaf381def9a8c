import type { Collection, Document, Transaction } from '../../kit/store/port.ts';

/** Documents of a collection by id, read once and then changed in memory. */
export class Draft<D extends Document> {
  readonly #documents = new Map<string, D | null>();
  readonly #changed = new Set<string>();
  readonly #collection: Collection<D>;

  constructor(collection: Collection<D>) {
    this.#collection = collection;
  }

  async read(transaction: Transaction, ids: Iterable<string>): Promise<void> {
    const wanted = [...new Set(ids)];
    const found = await transaction.get(this.#collection, wanted);
    wanted.forEach((id, place) => this.#documents.set(id, found[place] ?? null));
  }

  get(id: string): D | null {
    return this.#documents.get(id) ?? null;
  }

  set(document: D): void {
    if (this.#documents.get(document.id) === document) return;
    this.#documents.set(document.id, document);
    this.#changed.add(document.id);
  }

  write(transaction: Transaction): void {
    for (const id of this.#changed) {
      const document = this.#documents.get(id);
      if (document) transaction.put(this.#collection, document);
    }
  }
}
