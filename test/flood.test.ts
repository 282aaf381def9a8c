import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../kit/store/open.ts';
import { readAll } from '../kit/store/read-all.ts';
import { toScale } from '../kit/test-scale.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { sessions } from '../subgraphs/viewing/documents.ts';
import { createFolder, startServer } from './program.ts';

/** Bodies that are sent at once, each of so many sessions. */
const SENDERS = 400;
const SESSIONS = 100;
/** Anonymous memory that the server may have, in bytes. */
const MOST_MEMORY = 400 * 1024 * 1024;

let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

/** Linux only (proc(5)). */
function anonymousMemory(pid: number): number {
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** What is not compared is the same in all: only the id differs, so that a sender costs little. */
function toBody(number: number): string {
  const padding = createHash('sha256').update(`${number}`).digest('hex').repeat(4);
  const lines = Array.from({ length: SESSIONS }, (_, place) => {
    const event = { source: '/flood', id: `${number} ${place}`, namespace: 'tests', show: { title: `Show ${place % 10}`, kind: 'FILM' }, startedAt: '2024-03-01T10:00:00Z', watchedMs: 60_000 + place, user: `viewer ${number % 100}`, padding };
    return `${JSON.stringify({ kind: 'playback-session', event })}\n`;
  });
  return lines.join('');
}

it.skipIf(process.platform !== 'linux')('a flood is answered 503 and not kept, and memory does not grow with it', async () => {
  const store = `lmdb:${folder.path}`;
  const { program, address } = await startServer({ STORE: store });
  const taken: number[] = [];
  const statuses = new Map<number, number>();
  let withoutAdvice = 0;
  let next = 0;
  let isOver = false;
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, anonymousMemory(program.pid))), 20);
  const send = async (): Promise<void> => {
    while (!isOver) {
      const number = next++;
      const response = await fetch(`${address}/subgraphs/viewing/events`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: toBody(number) });
      await response.arrayBuffer();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (response.status === 200) taken.push(number);
      if (response.status === 503 && !/^\d+$/.test(response.headers.get('retry-after') ?? '')) withoutAdvice += 1;
    }
  };
  setTimeout(() => (isOver = true), toScale(60) * 1_000);
  await Promise.all(Array.from({ length: SENDERS }, send));
  clearInterval(watch);
  // It answers as before once the flood is over.
  const after = await fetch(`${address}/subgraphs/viewing/events`, { method: 'POST', body: toBody(next) });
  expect(after.status).toBe(200);
  await program.stop();
  expect([...statuses.keys()].toSorted()).toEqual([200, 503]);
  expect(withoutAdvice).toBe(0);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(MOST_MEMORY);
  const opened = await openStore(store, subgraphs.flatMap(({ collections }) => collections));
  let kept = 0;
  for await (const page of readAll(opened, sessions)) kept += page.length;
  await opened.close();
  expect(kept).toBe((taken.length + 1) * SESSIONS);
  process.stdout.write(`flood: ${next} bodies offered, ${taken.length} taken, at most ${Math.round(most / 2 ** 20)} MB\n`);
}, 300_000);
