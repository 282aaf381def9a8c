import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

let running: Running;
let address = '';
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${join(folder.path, 'store')}` });
  ({ address } = running);
});

afterAll(async () => {
  await running.close();
  await folder.remove();
});

describe('POST /import/{kind}', () => {
  const text = 'Note:x,first,Thing:d\nbad\nNote:y,second,Thing:d\n';

  test('takes a file, zipped or not, and says what became of each row', async () => {
    const summary = { rows: 3, accepted: 2, repeated: 0, rejectedTotal: 1, rejected: [{ line: 2, code: 'ROW_INVALID', field: 'text' }] };
    expect(await ask(`${address}/import/notes`, text)).toMatchObject({ status: 200, body: summary });
    expect(await ask(`${address}/import/notes`, gzipSync(text))).toMatchObject({ status: 200, body: { ...summary, accepted: 0, repeated: 2 } });
  });

  test('streams its progress to who asks for it', async () => {
    const { body } = await ask(`${address}/import/notes?about=Thing:e`, text, { accept: 'application/x-ndjson' });
    const lines = String(body).trim().split('\n').map((line): unknown => JSON.parse(line));
    expect(lines.at(0)).toMatchObject({ progress: { rows: 3 } });
    expect(lines.at(-1)).toMatchObject({ summary: { rows: 3 } });
  });

  test('refuses an unknown kind, an unknown parameter, another file and half a file', async () => {
    expect(await ask(`${address}/import/songs`, text)).toMatchObject({ status: 404, body: { error: { code: 'FILE_UNKNOWN_KIND', message: expect.stringContaining('known are notes') } } });
    expect(await ask(`${address}/import/notes?color=red`, text)).toMatchObject({ status: 400, body: { error: { code: 'FILE_BAD_PARAMETER' } } });
    expect(await ask(`${address}/import/notes`, 'nonsense\n')).toMatchObject({ status: 400, body: { error: { code: 'FILE_WRONG_KIND' } } });
    expect(await ask(`${address}/import/notes?about=a&about=b`, text)).toMatchObject({ status: 400, body: { error: { code: 'FILE_BAD_PARAMETER', message: 'expected the parameter about once, got it 2 times' } } });
    expect(await ask(`${address}/import/notes`, text, { 'content-type': 'multipart/form-data; boundary=x' })).toMatchObject({ status: 415, body: { error: { message: expect.stringContaining('the file itself') } } });
    expect(await ask(`${address}/import/notes`, gzipSync(text).subarray(0, 30))).toMatchObject({ status: 400, body: { error: { code: 'FILE_TRUNCATED' } } });
  });

  test('answers at once where a large file is of another kind, though its client is still sending', async () => {
    const large = 'nonsense\n'.repeat(2_000_000);
    expect(await ask(`${address}/import/notes`, large)).toMatchObject({ status: 400, body: { error: { code: 'FILE_WRONG_KIND' } } });
    expect(await ask(`${address}/import/notes`, large, { 'x-forwarded-for': '10.0.0.1' })).toMatchObject({ status: 403 });
  });

  test('is for callers on the same machine', async () => {
    expect(await ask(`${address}/import/notes`, text, { 'x-forwarded-for': '10.0.0.1' })).toMatchObject({ status: 403, body: { error: { code: 'LOOPBACK_ONLY' } } });
  });
});

test('no fault of its own came up', () => {
  expect(running.failures.count()).toBe(0);
});
