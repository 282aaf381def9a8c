import { createHash } from 'node:crypto';
import { hash } from '../kit/ingest/canonical.ts';
import { toId } from '../kit/graph/id.ts';
import { createPseudonym } from '../kit/ingest/pseudonym.ts';
import type { Store } from '../kit/store/port.ts';
import { events as platformEvents } from '../subgraphs/platform/collections.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { sessions } from '../subgraphs/viewing/documents.ts';

/** The key of these tests' pseudonyms. */
export const PSEUDONYM_KEY = 'the key of a test, 32 characters.';

/** An event that is sent, by number, always the same. */
export interface Numbered {
  readonly number: number;
  readonly kind: 'playback-session' | 'openlineage';
  readonly event: Readonly<Record<string, unknown>>;
}

/** Numbers that look drawn, the same for the same text. */
function drawn(text: string, below: number): number {
  return createHash('sha256').update(text).digest().readUInt32LE(0) % below;
}

const START = Date.parse('2024-03-01T00:00:00Z');
const instant = (ms: number): string => new Date(START + ms).toISOString();

/** Half of them sessions, half OpenLineage events: runs with parents, teams and outputs that meet in the same jobs and hours. */
export function toEvent(number: number): Numbered {
  const draw = (what: string, below: number): number => drawn(`${what} ${number}`, below);
  const at = draw('at', 6 * 3_600_000);
  if (number % 2 === 0) {
    const show = draw('show', 8) === 0 ? null : { title: `Show ${draw('show', 8)}`, kind: 'SERIES' };
    const event = { source: '/player', id: `${number}`, namespace: 'tests', show, startedAt: instant(at), watchedMs: draw('watched', 3_600_000), startupMs: draw('startup', 4_000), device: `device ${draw('device', 3)}`, user: `viewer ${draw('user', 50)}` };
    return { number, kind: 'playback-session', event };
  }
  const run = Math.floor(number / 4);
  const runId = (of: number): string => `00000000-0000-4000-8000-${of.toString(16).padStart(12, '0')}`;
  const isStart = number % 4 === 1;
  const runStart = drawn(`run ${run}`, 6 * 3_600_000);
  const event = {
    eventTime: instant(isStart ? runStart : runStart + 1 + draw('length', 600_000)),
    eventType: isStart ? 'START' : draw('fail', 5) === 0 ? 'FAIL' : 'COMPLETE',
    producer: 'https://tests.example/killed',
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    run: { runId: runId(run), facets: { ...(run % 5 === 4 && { parent: { run: { runId: runId(run - (run % 5)) }, job: { namespace: 'tests', name: 'parent' } } }) } },
    job: { namespace: 'tests', name: `job ${run % 6}`, facets: { ownership: { owners: [{ name: `team:${run % 3}` }] } } },
    outputs: [{ namespace: 'tests', name: `table ${run % 6}`, facets: {}, outputFacets: { outputStatistics: { rowCount: draw('rows', 1_000), size: 1_000 } } }],
  };
  return { number, kind: 'openlineage', event };
}

/** What a sender was told, and how. */
export interface Answer {
  /** 0 where the connection broke. */
  readonly status: number;
  readonly retryAfter: string | null;
  readonly ms: number;
}

/** Sends events of one kind: a single OpenLineage event as its clients do, several as a batch, sessions as a stream of lines. */
export async function post(address: string, batch: readonly Numbered[]): Promise<Answer> {
  const [first] = batch;
  const isLineage = first?.kind === 'openlineage';
  const events = batch.map(({ event }) => event);
  const start = performance.now();
  const took = (): number => performance.now() - start;
  try {
    const response = await fetch(`${address}${isLineage ? '/api/v1/lineage' : '/subgraphs/viewing/events'}`, {
      method: 'POST',
      headers: { 'content-type': isLineage ? 'application/json' : 'application/x-ndjson' },
      body: isLineage ? JSON.stringify(events.length === 1 ? events[0] : events) : batch.map(({ kind, event }) => `${JSON.stringify({ kind, event })}\n`).join(''),
    });
    await response.arrayBuffer();
    return { status: response.status, retryAfter: response.headers.get('retry-after'), ms: took() };
  } catch {
    return { status: 0, retryAfter: null, ms: took() };
  }
}

/** What was sent so far and what of it was acknowledged. */
export class Sender {
  readonly acknowledged = new Set<number>();
  readonly answers: Answer[] = [];
  #next = 0;
  readonly #again: number[] = [];

  /** How many different events were sent. */
  get sent(): number {
    return this.#next;
  }

  /** Sends with so many senders at once until `isOver`, or until a connection breaks; what is not acknowledged is sent again, and some of the rest too. */
  async load(address: string, isOver: () => boolean, senders = 8): Promise<void> {
    let isBroken = false;
    const send = async (place: number): Promise<void> => {
      while (!isBroken && !isOver()) {
        const batch = this.#take(place % 2 === 0 ? 'playback-session' : 'openlineage', 1 + ((this.#next + place) % 7));
        if ((await this.#send(address, batch)).status === 0) isBroken = true;
      }
    };
    await Promise.all(Array.from({ length: senders }, (_, place) => send(place)));
  }

  /** Sends all that was never acknowledged until it is. @throws Error where the connection breaks */
  async finish(address: string): Promise<void> {
    for (let kind: Numbered['kind'] = 'playback-session'; this.#again.length > 0; kind = kind === 'openlineage' ? 'playback-session' : 'openlineage') {
      const batch = this.#takeAgain(kind, 50);
      if (batch.length > 0 && (await this.#send(address, batch)).status === 0) throw new Error(`expected ${address} to answer`);
    }
  }

  async #send(address: string, batch: readonly Numbered[]): Promise<Answer> {
    const answer = await post(address, batch);
    this.answers.push(answer);
    const numbers = batch.map(({ number }) => number);
    if (answer.status === 200 || answer.status === 201) for (const number of numbers) this.acknowledged.add(number);
    else this.#again.push(...numbers.filter((number) => !this.acknowledged.has(number)));
    // Senders come again after a while, as they are asked to; without it one that is refused would only burn the server's time.
    if (answer.status === 503) await new Promise((resolve) => setTimeout(resolve, 50));
    return answer;
  }

  #takeAgain(kind: Numbered['kind'], count: number): Numbered[] {
    const taken: Numbered[] = [];
    for (let at = this.#again.length - 1; at >= 0 && taken.length < count; at--) {
      const event = toEvent(this.#again[at] as number);
      if (event.kind !== kind) continue;
      this.#again.splice(at, 1);
      taken.push(event);
    }
    return taken;
  }

  /** What failed before, then what is new, then one that was acknowledged already: senders repeat themselves. */
  #take(kind: Numbered['kind'], count: number): Numbered[] {
    const taken = this.#takeAgain(kind, count);
    while (taken.length < count) {
      const event = toEvent(this.#next++);
      if (event.kind === kind) taken.push(event);
      else this.#again.push(event.number);
    }
    const repeated = toEvent(Math.floor(this.#next / 2));
    if (repeated.kind === kind && count > 1 && this.acknowledged.has(repeated.number)) taken.push(repeated);
    return taken;
  }
}

/** Acknowledged events that the store does not have. */
export async function findLost(store: Store, numbers: Iterable<number>): Promise<number[]> {
  const all = [...numbers].map(toEvent);
  const lost: number[] = [];
  for (const kind of ['playback-session', 'openlineage'] as const) {
    const own = all.filter((each) => each.kind === kind);
    const found = kind === 'openlineage'
      ? await store.get(platformEvents, own.map(({ event }) => hash(event)))
      : await store.get(sessions, own.map(({ event }) => toId('PlaybackSession', event['source'] as string, event['id'] as string)));
    own.forEach(({ number }, place) => found[place] ?? lost.push(number));
  }
  return lost;
}

/** The second computation: every event once, in the order of its number, through the receivers themselves. */
export async function sendOnce(store: Store, count: number): Promise<void> {
  const surroundings = { store, pseudonym: createPseudonym(PSEUDONYM_KEY), now: () => Date.parse('2026-01-01T00:00:00Z') };
  const receivers = new Map(subgraphs.flatMap((subgraph) => Object.entries(subgraph.receivers)));
  const all = Array.from({ length: count }, (_, number) => toEvent(number));
  for (const kind of ['playback-session', 'openlineage'] as const) {
    const own = all.filter((each) => each.kind === kind).map(({ event }) => event);
    for (let at = 0; at < own.length; at += 1_000) await receivers.get(kind)?.(surroundings, own.slice(at, at + 1_000));
  }
}
