/** Reads documents' bytes by id; null where there is none. */
export type ReadBytes = (ids: readonly string[]) => Promise<readonly (Uint8Array | null)[]>;

/**
 * What many trees need of the store while they change, each on its own: what is asked for in one turn is read together, and
 * nothing is done at the same time, since a transaction of MongoDB takes one operation at a time.
 */
export class Reading {
  readonly #read: ReadBytes;
  #waiting: { readonly ids: readonly string[]; readonly resolve: (found: readonly (Uint8Array | null)[]) => void; readonly reject: (error: unknown) => void }[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(read: ReadBytes) {
    this.#read = read;
  }

  get(ids: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ids, resolve, reject });
      // After all that was ready to run has run, and so has asked too.
      if (this.#waiting.length === 1) setImmediate(() => void this.alone(() => this.#flush()));
    });
  }

  /** Does something when all before it is done. */
  alone<R>(work: () => Promise<R>): Promise<R> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const found = await this.#read(waiting.flatMap(({ ids }) => ids));
      let at = 0;
      for (const { ids, resolve } of waiting) resolve(found.slice(at, (at += ids.length)));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
