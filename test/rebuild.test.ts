import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../kit/store/open.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { buckets } from '../subgraphs/viewing/documents.ts';
import { buildPrograms, createFolder, startProgram, startServer } from './program.ts';

let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  await buildPrograms();
  folder = await createFolder();
});
afterAll(() => folder.remove());

it('npm run rebuild says what differs from the kept events, puts it right, and waits for no server', async () => {
  const store = `lmdb:${mkdtempSync(join(folder.path, 'store-'))}`;
  const rebuild = (...args: string[]) => startProgram('gateway/rebuild', { STORE: store }, ['--scratch', folder.path, ...args]).ended;
  const { program, address } = await startServer({ STORE: store });
  const sessions = Array.from({ length: 50 }, (_, place) => ({
    kind: 'playback-session',
    event: { source: '/player', id: `${place}`, namespace: 'tests', show: { title: 'A', kind: 'FILM' }, startedAt: '2024-03-01T10:00:00Z', watchedMs: 60_000, user: `viewer ${place % 7}` },
  }));
  const response = await fetch(`${address}/subgraphs/viewing/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: sessions.map((line) => `${JSON.stringify(line)}\n`).join(''),
  });
  expect(await response.json()).toMatchObject({ accepted: 50 });
  const held = await rebuild();
  expect(held.code).toBe(2);
  expect(held.stderr).toMatch(/^The folder \S+ is held by process \d+ on \S+\. Stop it/);
  await program.stop();

  const clean = await rebuild();
  expect(clean).toMatchObject({ code: 0, stderr: '' });
  expect(clean.stdout).toContain('viewing.sessions: 50 documents, 0 different\n');
  expect(clean.stdout).toMatch(/Nothing differs\.\n$/);

  const opened = await openStore(store, subgraphs.flatMap(({ collections }) => collections));
  const [first] = await opened.list(buckets, { limit: 1 });
  if (first === undefined) throw new Error('expected a bucket of the sessions');
  const bytes = first.packed.length;
  await opened.commit(async (transaction) => transaction.put(buckets, { ...first, packed: first.packed.subarray(0, bytes - 4) }));
  await opened.close();
  const damaged = await rebuild();
  expect(damaged.code).toBe(1);
  const [line] = damaged.stdout.split('\n').filter((each) => each.startsWith(`viewing.buckets ${JSON.stringify(first.id)}: `));
  expect(line).toContain(`: packed is "${bytes - 4} bytes `);
  expect(line).toContain(`, computed "${bytes} bytes `);
  expect(damaged.stdout).toContain('Something differs; --write puts it right.');
  expect(await rebuild('--write')).toMatchObject({ code: 1, stdout: expect.stringContaining('viewing: 1 of 1 put right.') as string });
  expect(await rebuild()).toMatchObject({ code: 0 });
});
