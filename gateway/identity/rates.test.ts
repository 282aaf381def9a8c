import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Running } from '../start.ts';
import { createFolder, startTest } from '../test-gateway.ts';

const KEY = { one: 'the-key-of-the-first-caller', other: 'the-key-of-the-second-caller' };

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${folder.path}/store`, RATE_LIMIT: '1', API_KEYS: `one read+emit ${KEY.one}\nother read ${KEY.other}` });
});

afterAll(async () => {
  await running.close();
  await folder.remove();
});

const call = (path: string, key: string, body?: string): Promise<Response> =>
  fetch(`${running.address}${path}`, { method: body === undefined ? 'GET' : 'POST', body: body ?? null, headers: { authorization: `Bearer ${key}` } });

test('a caller above its rate is told when to come again, and the others are not', async () => {
  // All of ten seconds at once.
  for (let sent = 0; sent < 10; sent += 1) expect((await call('/schema.graphql', KEY.one)).status).toBe(200);
  const late = await call('/schema.graphql', KEY.one);
  expect(late.status).toBe(429);
  expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await late.json()).toMatchObject({ error: { code: 'RATE_LIMITED' } });
  expect((await call('/schema.graphql', KEY.other)).status).toBe(200);
  const emitting = await call('/api/v1/lineage/batch', KEY.one, '[]');
  expect(emitting.status).toBe(503);
  expect(emitting.headers.get('retry-after')).not.toBeNull();
});
