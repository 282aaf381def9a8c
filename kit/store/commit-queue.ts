import { setImmediate, setTimeout } from 'node:timers/promises';
import { StoreError } from './port.ts';
import type { Transaction } from './port.ts';
import type { Schema } from './schema.ts';
import { Layer, ReadCache, WorkTransaction } from './transaction.ts';
import type { Snapshot } from './transaction.ts';

/** What a batch of works comes to. */
export interface Write {
  readonly puts: Layer;
  /** Names that the works hold. A process that is alone with its store needs none of them: its works run one after another. */
  readonly held: Set<string>;
  /** What the works read of the stored state. */
  readonly cache: ReadCache;
}

/** What an adapter does for the queue. */
export interface Driver {
  /**
   * Lets `fill` read one moment of the stored state and writes what it returns, if nothing that it replaces has
   * changed since. Resolves when all is durable; rejects when nothing was written.
   */
  attempt(fill: (snapshot: Snapshot) => Promise<Write>): Promise<void>;
  /**
   * What to do about an attempt that failed with this error: make it `again` (a conflict, or a server out of reach),
   * make it for each work `apart` since one of them is the reason, or `give up` since the write may have been made.
   */
  judge(error: unknown): 'again' | 'apart' | 'give up';
  /** The store's own error in place of another's; what is none of the driver's stays as it is. */
  toError(error: unknown): unknown;
}

/** A write that is durable. */
export interface CommitFacts {
  /** From its first attempt to its being durable, in milliseconds. */
  readonly durationMs: number;
  /** How many works were merged into it. */
  readonly works: number;
  /** How many documents they put; 0 where all of them only read. */
  readonly puts: number;
}

/**
 * The moments of a commit, in their order: the works have run and nothing is written; the first put is in the transaction;
 * half of them are; all are; the transaction is committed; it is durable, and nobody was told; the callers were.
 */
export const COMMIT_STEPS = ['filled', 'begun', 'half', 'written', 'committed', 'durable', 'told'] as const;
export type CommitStep = (typeof COMMIT_STEPS)[number];

/** Called at each step of each commit, for tests that end the process there. */
export type OnStep = (step: CommitStep) => void;

export interface CommitQueueOptions {
  /** Default: nothing is called. */
  readonly onStep?: OnStep;
  /** How long a batch is tried again, and how long a work may wait behind one that fails, in milliseconds. Default 10,000. */
  readonly deadlineMs?: number;
  /** Told of each write once it is durable, before its works hear of it; must not throw. Nobody is told by default. */
  readonly onCommit?: (commit: CommitFacts) => void;
}

/** Bounds of what is merged into one write. A single work may exceed them. */
const MOST_WORKS = 1_000;
const MOST_PUTS = 10_000;
const MOST_READ = 50_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** Long batches conflict more and make each work wait longer. */
const LONGEST_MS = 500;
/** Works over an embedded store never wait for anything, so without a pause other requests would starve. */
const PAUSE_AFTER_MS = 10;

interface Job {
  readonly work: (transaction: Transaction) => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly since: number;
}

type Outcome = { readonly result: unknown } | { readonly error: unknown };

/** Runs works one after another and merges what waits into one write. */
export class CommitQueue {
  readonly #schema: Schema;
  readonly #driver: Driver;
  readonly #deadlineMs: number;
  readonly #onCommit: CommitQueueOptions['onCommit'];
  readonly #onStep: OnStep | undefined;
  #waiting: Job[] = [];
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(schema: Schema, driver: Driver, options: CommitQueueOptions = {}) {
    this.#schema = schema;
    this.#driver = driver;
    this.#deadlineMs = options.deadlineMs ?? 10_000;
    this.#onCommit = options.onCommit;
    this.#onStep = options.onStep;
  }

  commit<R>(work: (transaction: Transaction) => Promise<R>): Promise<R> {
    if (this.#closed) return Promise.reject(new StoreError('STORE_CLOSED', 'The store was closed; nothing was written.'));
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (result: unknown) => void, reject, since: performance.now() });
      this.#running ??= this.#run();
    });
  }

  /** Refuses new works and waits for those that were given. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    // What is committed in the same turn goes into the same write.
    await setImmediate();
    while (this.#waiting.length > 0) await this.#runBatch([], true);
    this.#running = null;
  }

  /** Runs these jobs, and such as wait if it may, until they are written or refused. Never rejects. */
  async #runBatch(jobs: Job[], mayTake: boolean): Promise<void> {
    const start = performance.now();
    for (let tries = 0; ; tries++) {
      let outcomes: Outcome[] = [];
      let puts = 0;
      try {
        await this.#driver.attempt(async (snapshot) => {
          const filled = await this.#fill(jobs, snapshot, mayTake && tries === 0);
          outcomes = filled.outcomes;
          puts = filled.write.puts.count;
          this.#onStep?.('filled');
          return filled.write;
        });
        this.#onCommit?.({ durationMs: performance.now() - start, works: jobs.length, puts });
        settle(jobs, outcomes);
        this.#onStep?.('told');
        return;
      } catch (error) {
        // An attempt may fail before it comes to reading.
        const first = jobs.length === 0 ? this.#waiting.shift() : undefined;
        if (first !== undefined) jobs.push(first);
        const verdict = this.#driver.judge(error);
        if (verdict === 'give up' || (verdict === 'apart' && jobs.length === 1)) {
          for (const job of jobs) job.reject(this.#driver.toError(error));
          return;
        }
        if (verdict === 'apart') {
          for (const job of jobs) await this.#runBatch([job], false);
          return;
        }
        const pause = Math.min(500, 2 ** Math.min(tries, 9)) * (0.5 + Math.random());
        if (performance.now() - start + pause > this.#deadlineMs) {
          this.#giveUp(jobs, error);
          return;
        }
        await setTimeout(pause);
      }
    }
  }

  async #fill(jobs: Job[], snapshot: Snapshot, mayTake: boolean): Promise<{ write: Write; outcomes: Outcome[] }> {
    const write = { puts: new Layer(), held: new Set<string>(), cache: new ReadCache() };
    const outcomes: Outcome[] = [];
    const watched = watch(snapshot);
    const start = performance.now();
    let paused = start;
    for (let at = 0; ; at++) {
      if (at === jobs.length) {
        if (!mayTake || this.#isFull(write, at, performance.now() - start)) break;
        const next = this.#waiting.shift();
        if (next === undefined) break;
        jobs.push(next);
      }
      const job = jobs[at] as Job;
      const transaction = new WorkTransaction(this.#schema, write.puts, write.cache, watched.snapshot);
      try {
        outcomes.push({ result: await job.work(transaction) });
        write.puts.take(transaction.own);
        for (const name of transaction.held) write.held.add(name);
      } catch (error) {
        outcomes.push({ error });
      } finally {
        transaction.end();
      }
      watched.check();
      if (performance.now() - paused > PAUSE_AFTER_MS) {
        await setImmediate();
        paused = performance.now();
      }
    }
    return { write, outcomes };
  }

  #isFull(write: Write, works: number, elapsedMs: number): boolean {
    const { puts, cache } = write;
    return works >= MOST_WORKS || puts.count >= MOST_PUTS || puts.size >= MOST_BYTES || cache.count >= MOST_READ || elapsedMs >= LONGEST_MS;
  }

  /** Refuses these jobs, and those that have waited behind them for as long. */
  #giveUp(jobs: readonly Job[], cause: unknown): void {
    const known = this.#driver.toError(cause);
    const reason = known instanceof Error ? known.message : String(known);
    const error = new StoreError('STORE_UNAVAILABLE', `The store took no write for ${this.#deadlineMs} ms; try again. Last: ${reason}`, { cause });
    const now = performance.now();
    const isLate = (job: Job): boolean => now - job.since >= this.#deadlineMs;
    for (const job of [...jobs, ...this.#waiting.filter(isLate)]) job.reject(error);
    this.#waiting = this.#waiting.filter((job) => !isLate(job));
  }
}

function settle(jobs: readonly Job[], outcomes: readonly Outcome[]): void {
  for (const [at, job] of jobs.entries()) {
    const outcome = outcomes[at] as Outcome;
    if ('error' in outcome) job.reject(outcome.error);
    else job.resolve(outcome.result);
  }
}

/** A work may swallow the error of a read that failed, and go on as if nothing were stored; the attempt must not. */
function watch(snapshot: Snapshot): { readonly snapshot: Snapshot; readonly check: () => void } {
  let failed: { readonly error: unknown } | null = null;
  const watchRead = async <T>(read: Promise<T>): Promise<T> => {
    try {
      return await read;
    } catch (error) {
      failed ??= { error };
      throw error;
    }
  };
  return {
    snapshot: {
      get: (collection, ids) => watchRead(snapshot.get(collection, ids)),
      scan: (index, bounds) => watchRead(snapshot.scan(index, bounds)),
    },
    check: () => {
      if (failed !== null) throw failed.error;
    },
  };
}
