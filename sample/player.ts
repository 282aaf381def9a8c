import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Studio, StudioEvent } from './studio/index.ts';

/** How far a playing is. */
export interface PlayProgress {
  readonly events: number;
  readonly accepted: number;
  readonly repeated: number;
  readonly rejected: number;
  /** The first reason why an event was not taken; null where all were. */
  readonly firstRejection: string | null;
  /** The studio's own time, in milliseconds since the epoch. */
  readonly at: number;
}

/** Sends events to their owner on a server; resolves with its receipt. */
export type Post = (owner: string, events: readonly StudioEvent[]) => Promise<z.infer<typeof receiptSchema>>;

export const receiptSchema = z.object({
  accepted: z.number(),
  repeated: z.number(),
  rejected: z.array(z.object({ message: z.string() }).loose()),
});

export interface PlayOptions {
  /** Which subgraph owns a kind. */
  readonly ownerOf: (kind: string) => string;
  readonly post: Post;
  /** Events a second; 0 is as fast as they are taken. */
  readonly rate: number;
  readonly onProgress?: (progress: PlayProgress) => void;
  /** Waits so many milliseconds; the clock's where it is not given. */
  readonly wait?: (ms: number) => Promise<unknown>;
  /** Milliseconds that only grow; the clock's where it is not given. */
  readonly now?: () => number;
}

/** Without a rate so many events are sent at once. */
const BATCH = 4000;
/** With a rate events are sent this often, in milliseconds. */
const TICK = 250;

/** Plays a studio into a server, in the order of event times, a batch at a time. @throws what `post` throws */
export async function playInto(studio: Studio, options: PlayOptions): Promise<PlayProgress> {
  const { rate, onProgress, wait = sleep, now = () => performance.now() } = options;
  const size = rate === 0 ? BATCH : Math.max(1, Math.min(BATCH, Math.round((rate * TICK) / 1000)));
  const startedAt = now();
  let progress: PlayProgress = { events: 0, accepted: 0, repeated: 0, rejected: 0, firstRejection: null, at: 0 };
  for (const batch of toBatches(studio.play(), size)) {
    const dueIn = rate === 0 ? 0 : startedAt + (progress.events / rate) * 1000 - now();
    if (dueIn > 0) await wait(dueIn);
    progress = add(progress, batch, await sendBatch(batch, options));
    onProgress?.(progress);
  }
  return progress;
}

function* toBatches(events: Iterable<StudioEvent>, size: number): Generator<StudioEvent[]> {
  let batch: StudioEvent[] = [];
  for (const told of events) {
    batch.push(told);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function sendBatch(batch: readonly StudioEvent[], { ownerOf, post }: PlayOptions): Promise<z.infer<typeof receiptSchema>[]> {
  const byOwner = new Map<string, StudioEvent[]>();
  for (const told of batch) {
    const owner = ownerOf(told.kind);
    const own = byOwner.get(owner);
    if (own === undefined) byOwner.set(owner, [told]);
    else own.push(told);
  }
  return Promise.all([...byOwner].map(([owner, events]) => post(owner, events)));
}

function add(progress: PlayProgress, batch: readonly StudioEvent[], receipts: readonly z.infer<typeof receiptSchema>[]): PlayProgress {
  const sum = (count: (receipt: z.infer<typeof receiptSchema>) => number): number => receipts.reduce((total, receipt) => total + count(receipt), 0);
  return {
    events: progress.events + batch.length,
    accepted: progress.accepted + sum(({ accepted }) => accepted),
    repeated: progress.repeated + sum(({ repeated }) => repeated),
    rejected: progress.rejected + sum(({ rejected }) => rejected.length),
    firstRejection: progress.firstRejection ?? receipts.flatMap(({ rejected }) => rejected)[0]?.message ?? null,
    at: batch.at(-1)?.at ?? progress.at,
  };
}
