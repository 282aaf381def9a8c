import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openStore } from '../kit/store/open.ts';
import type { AnyCollection } from '../kit/store/port.ts';
import { readAll } from '../kit/store/read-all.ts';
import { isLong, toScale } from '../kit/test-scale.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { events as lineageEvents } from '../subgraphs/platform/collections.ts';
import { sessions } from '../subgraphs/viewing/documents.ts';
import type { Flooded } from './flood-sender.ts';
import { anonymousMemory } from './memory.ts';
import { buildPrograms, createFolder, startProgram, startServer } from './program.ts';

/** Anonymous memory that the server may have, in bytes. */
const MOST_MEMORY = 400 * 1024 * 1024;

/** How many times what the store takes is offered. Where other tests share the processors, a sender does not come to ten. */
const TIMES = isLong ? 10 : 2;

let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(buildPrograms);
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

const AFTER = { source: '/after', id: '1', namespace: 'tests', show: null, startedAt: '2024-03-01T10:00:00Z', watchedMs: 1 };

const floods: readonly { readonly kind: string; readonly senders: number; readonly collection: AnyCollection; readonly isWhole: boolean }[] = [
  { kind: 'sessions', senders: 400, collection: sessions, isWhole: true },
  { kind: 'lineage', senders: 400, collection: lineageEvents, isWhole: true },
  { kind: 'facets', senders: 400, collection: lineageEvents, isWhole: true },
  // A stream of more than a batch may be refused when parts of it are taken; sent again, these count once.
  { kind: 'long', senders: 20, collection: sessions, isWhole: false },
];

it.skipIf(process.platform !== 'linux').each(floods.slice(0, toScale(floods.length * 5)))(`a flood of ${TIMES} times what the store takes ($kind) is answered 503 and not kept, and memory does not grow with it`, async ({ kind, senders, collection, isWhole }) => {
  const store = `lmdb:${folder.path}`;
  const { program, address } = await startServer({ STORE: store });
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, anonymousMemory(program.pid))), 20);
  // In a process of its own, since a sender that waits for this one's turn is no flood.
  const { code, stdout, stderr } = await startProgram('test/flood-sender', {}, [address, kind, `${senders}`, `${toScale(20) * 1_000}`, `${TIMES}`]).ended;
  clearInterval(watch);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { offered, taken, events, bytes, statuses, withoutAdvice } = JSON.parse(stdout) as Flooded;
  // It answers as before once the flood is over.
  const after = await fetch(`${address}/subgraphs/viewing/events`, { method: 'POST', body: `${JSON.stringify({ kind: 'playback-session', event: AFTER })}\n` });
  expect(await after.json()).toMatchObject({ accepted: 1 });
  await program.stop();
  process.stdout.write(`flood of ${kind}: ${offered} bodies of ${bytes} bytes offered, ${taken} taken, at most ${Math.round(most / 2 ** 20)} MB\n`);
  expect(Object.keys(statuses).filter((status) => !status.startsWith('2'))).toEqual(['503']);
  expect(withoutAdvice).toBe(0);
  expect(taken).toBeGreaterThan(0);
  expect(offered).toBeGreaterThanOrEqual(TIMES * taken);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(MOST_MEMORY);
  const opened = await openStore(store, subgraphs.flatMap(({ collections }) => collections));
  let kept = 0;
  for await (const page of readAll(opened, collection)) kept += page.length;
  await opened.close();
  const acknowledged = taken * events + (collection === sessions ? 1 : 0);
  expect(kept).toBeGreaterThanOrEqual(acknowledged);
  expect(kept).toBeLessThanOrEqual(isWhole ? acknowledged : offered * events);
}, 300_000);
