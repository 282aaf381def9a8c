import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { parseSettings } from '../gateway/settings.ts';
import { start } from '../gateway/start.ts';
import type { Running } from '../gateway/start.ts';
import { toId } from '../kit/graph/id.ts';
import { createPseudonym } from '../kit/ingest/pseudonym.ts';
import { readSeries } from '../kit/rollup/rollup.ts';
import { parseWindow } from '../kit/rollup/window.ts';
import { openStore } from '../kit/store/index.ts';
import { buckets } from '../subgraphs/viewing/documents.ts';
import type { PlaybackSessionEvent } from '../subgraphs/viewing/events.ts';
import { viewing } from '../subgraphs/viewing/index.ts';
import { showEntity } from '../subgraphs/viewing/rollup.ts';
import { median } from './raw/generated.ts';

/*
 * What a question over a month of one show costs with 10^4, 10^5 and 10^6 sessions behind it: store commands, buckets, and
 * the time at an HTTP client, in turns; and a month by day in Asia/Kolkata beside the same in UTC. The goals are equal
 * commands and buckets, at most 1.5 times the time from 10^5 to 10^6, and at most 2 times for Kolkata.
 *
 *   npm run bench -- question [MOST]      MOST sessions at the most, instead of 1000000
 */

const SIZES = [10_000, 100_000, 1_000_000];
const ROUNDS = 40;
const BATCH = 4_000;
const NAMESPACE = 'bench';
const TITLE = 'One show';
const DEVICES = ['tv', 'phone', 'web', 'tablet'];
const MONTH_FROM = Date.parse('2026-03-01T00:00:00Z');
const MONTH_MS = 31 * 86_400_000;

const showId = toId('Show', NAMESPACE, TITLE, null, null);
const INPUT = { from: '2026-03-02', to: '2026-04-01' };
const QUERY = `query ($id: ID!, $window: Window!) {
  show(id: $id) { viewing(window: $window) { points { from sessions hoursViewed viewers startup { p50Ms p95Ms p99Ms } rebufferRatio } whole { sessions hoursViewed viewers startup { p50Ms p95Ms p99Ms } } asOf } }
}`;

/** Sessions spread over the month in the order of their times; startup lengths skewed, viewers coming back. */
function* playMonth(count: number): Generator<PlaybackSessionEvent> {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let n = 0; n < count; n += 1) {
    yield {
      source: '/bench', id: `${n}`, namespace: NAMESPACE, show: { title: TITLE },
      startedAt: new Date(MONTH_FROM + Math.floor((n / count) * MONTH_MS)).toISOString(),
      watchedMs: Math.floor(random() * 3_600_000), durationMs: 3_600_000, startupMs: Math.floor(400 * Math.exp(2 * random())),
      rebufferMs: random() < 0.7 ? 0 : Math.floor(5_000 * random()), rebufferCount: random() < 0.7 ? 0 : 1,
      device: DEVICES[n % DEVICES.length] ?? null, user: `viewer ${Math.floor(random() * count * 0.4)}`,
    };
  }
}

interface Cost {
  readonly commands: number;
  readonly buckets: number;
}

/** Fills a store with sessions; gives what the show's month costs of it. */
async function fill(location: string, count: number): Promise<Cost> {
  const store = await openStore(location, viewing.collections);
  const surroundings = { store, pseudonym: createPseudonym('bench'), now: () => MONTH_FROM + MONTH_MS };
  const receiver = viewing.receivers['playback-session'];
  let batch: PlaybackSessionEvent[] = [];
  const send = async (): Promise<void> => {
    const receipt = await receiver?.(surroundings, batch);
    if (receipt?.accepted !== batch.length) throw new Error(`expected ${batch.length} accepted sessions, got ${JSON.stringify(receipt)}`);
    batch = [];
  };
  for (const session of playMonth(count)) if (batch.push(session) === BATCH) await send();
  if (batch.length > 0) await send();
  const before = store.commands();
  let read = 0;
  const counting: Parameters<typeof readSeries>[0] = {
    async get(collection, ids) {
      const found = await store.get(collection, ids);
      read += found.filter((document) => document !== null).length;
      return found;
    },
  };
  await readSeries(counting, buckets, [showEntity(showId)], parseWindow(INPUT));
  const commands = store.commands() - before;
  await store.close();
  return { commands, buckets: read };
}

/** Prints a line for each number of sessions, and the ratios. */
export async function run([most]: readonly string[]): Promise<void> {
  const sizes = SIZES.filter((size) => size <= Number(most ?? SIZES.at(-1)));
  const folder = mkdtempSync(join(tmpdir(), 'loopgraph-bench-'));
  const servers: Running[] = [];
  try {
    const costs: Cost[] = [];
    for (const size of sizes) {
      const location = `lmdb:${join(folder, `${size}`)}`;
      costs.push(await fill(location, size));
      const settings = parseSettings({ PORT: '0', SAMPLE: 'off', STORE: location, LOG_LEVEL: 'silent' }, ['viewing']);
      servers.push(await start(settings, { subgraphs: [viewing], importers: [], logger: pino({ level: 'silent' }), say: () => {} }));
    }
    const measure = async ({ address, store }: Running, timeZone: string): Promise<{ ms: number; commands: number }> => {
      const before = store?.commands() ?? 0;
      const startedAt = performance.now();
      const response = await fetch(`${address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: QUERY, variables: { id: showId, window: { ...INPUT, timeZone } } }),
      });
      const { data, errors } = (await response.json()) as { data?: { show: { viewing: { points: { sessions: number | null }[] } } }; errors?: unknown };
      const ms = performance.now() - startedAt;
      const points = data?.show.viewing.points ?? [];
      if (points.length !== 30 || points.some(({ sessions }) => sessions === null)) throw new Error(`expected 30 days with sessions, got ${JSON.stringify(errors ?? points.length)}`);
      return { ms, commands: (store?.commands() ?? 0) - before };
    };
    const times = new Map<string, number[]>();
    const commands = new Map<string, number>();
    for (let round = 0; round < ROUNDS + 5; round += 1) {
      for (const [index, server] of servers.entries()) {
        for (const zone of ['UTC', 'Asia/Kolkata']) {
          const key = `${sizes[index]} ${zone}`;
          const { ms, commands: asked } = await measure(server, zone);
          commands.set(key, asked);
          // The first rounds warm up.
          if (round >= 5) times.set(key, [...(times.get(key) ?? []), ms]);
        }
      }
    }
    const time = (size: number | undefined, zone = 'UTC'): number => median(times.get(`${size} ${zone}`) ?? []);
    for (const [index, size] of sizes.entries()) {
      console.log(
        `${size.toLocaleString('en').padStart(9)} sessions: ${commands.get(`${size} UTC`)} store commands, ${costs[index]?.buckets} buckets in ${costs[index]?.commands} of them, ` +
          `${time(size).toFixed(2)} ms by day in UTC, ${time(size, 'Asia/Kolkata').toFixed(2)} ms in Asia/Kolkata: ${(time(size, 'Asia/Kolkata') / time(size)).toFixed(2)} times (goal 2)`,
      );
    }
    const [last, before] = [sizes.at(-1), sizes.at(-2)];
    console.log(`from ${before?.toLocaleString('en')} to ${last?.toLocaleString('en')} sessions: ${(time(last) / time(before)).toFixed(2)} times (goal 1.5; medians of ${ROUNDS} rounds in turns)`);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}
