import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { projectPath } from '../../../kit/project.ts';
import { findChromium, visit } from '../../browser.ts';
import { buildPrograms, createFolder, startServer } from '../../program.ts';
import type { Program } from '../../program.ts';
import { JOBS, sendJobs } from '../jobs.ts';

const chromium = await findChromium();
const KEY = { page: randomBytes(32).toString('base64url'), scheduler: randomBytes(32).toString('base64url') };

let pages: Server;
let port = 0;
let program: Program | undefined;
let address = '';
let folder: Awaited<ReturnType<typeof createFolder>> | undefined;
let tell: (what: string) => void = () => {};

beforeEach(({ skip }) => {
  if (chromium === null) skip('no page of another origin asked: no Chromium is on the path');
});

/** One server of pages under two names: its origin by number may call the gateway, by name it may not. */
beforeAll(async () => {
  if (chromium === null) return;
  const page = await readFile(projectPath('test', 'clients', 'page', 'page.html'));
  pages = createServer((request, response) => {
    if (request.url !== '/told') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(page);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      tell(Buffer.concat(chunks).toString('utf8'));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  ({ port } = pages.address() as AddressInfo);
  await buildPrograms();
  folder = await createFolder();
  ({ program, address } = await startServer({
    STORE: `lmdb:${join(folder.path, 'store')}`,
    CORS_ORIGINS: `http://127.0.0.1:${port}`,
    API_KEYS: `page read ${KEY.page}; scheduler emit ${KEY.scheduler}`,
  }));
  await sendJobs(address, { authorization: `Bearer ${KEY.scheduler}` });
});
afterAll(async () => {
  await program?.stop();
  await folder?.remove();
  pages?.closeAllConnections();
  pages?.close();
});

/** What a page of the origin saw of each request that it made. @throws Error where it does not tell within 50 s */
async function ask(host: string, key: string | null): Promise<unknown> {
  const told = new Promise<string>((resolve) => (tell = resolve));
  const search = new URLSearchParams({ target: `${address}/graphql`, ...(key !== null && { key }) });
  const what = await visit(chromium ?? '', `http://${host}:${port}/?${search}`, told, 50_000);
  if (what === null) throw new Error('expected the page to tell what it saw, and it did not');
  return JSON.parse(what);
}

test('a page of an origin that CORS_ORIGINS names asks by fetch with its key, by POST and by GET', async () => {
  const jobs = { data: { jobs: { edges: JOBS.map((name) => ({ node: { name } })) } } };
  expect(await ask('127.0.0.1', KEY.page)).toMatchObject({ posted: { status: 200, body: jobs }, got: { status: 200, body: jobs } });
}, 120_000);

test('it reads why it is refused: without a key', async () => {
  const refused = { status: 401, body: { errors: [{ extensions: { code: expect.any(String) } }] } };
  expect(await ask('127.0.0.1', null)).toMatchObject({ posted: refused, got: refused, text: refused, form: refused, bare: refused });
}, 120_000);

test('a page of another origin sees nothing, and reads no error either', async () => {
  const blocked = { blocked: expect.stringContaining('Failed to fetch') };
  expect(await ask('localhost', KEY.page)).toEqual({ posted: blocked, got: blocked, text: blocked, form: blocked, bare: blocked });
}, 120_000);
