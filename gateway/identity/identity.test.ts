import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../start.ts';
import { createFolder, startTest } from '../test-gateway.ts';
import { createPassports } from './passports.ts';

const KEY = {
  reader: 'the-key-of-the-reader-0001',
  emitter: 'the-key-of-the-emitter-001',
  spark: 'the-key-of-one-source-0001',
  admin: 'the-key-of-the-admin-00001',
};
const API_KEYS = `reader read ${KEY.reader}; emitter emit ${KEY.emitter}; spark emit:spark ${KEY.spark}; boss admin ${KEY.admin}`;
const GATEWAY_KEY = 'what-gateways-of-this-test-share';
const ISSUER = 'https://issuer.example.com';
const AUDIENCE = 'loopgraph';

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;
let issue: (claims: Record<string, unknown>, audience?: string) => Promise<string>;
let closeIssuer: () => void;

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const issuer = createServer((_request, response) => {
    void exportJWK(publicKey).then((jwk) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [{ ...jwk, kid: 'one', alg: 'ES256', use: 'sig' }] })));
  });
  await new Promise<void>((resolve) => {
    issuer.listen(0, '127.0.0.1', resolve);
  });
  closeIssuer = () => issuer.close();
  issue = (claims, audience = AUDIENCE) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).setIssuer(ISSUER).setAudience(audience).setExpirationTime('1m').sign(privateKey);
  folder = await createFolder();
  running = await startTest({
    STORE: `lmdb:${folder.path}/store`,
    API_KEYS,
    GATEWAY_KEY,
    JWKS_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`,
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: AUDIENCE,
  });
});

afterAll(async () => {
  await running.close();
  await folder.remove();
  closeIssuer();
});

interface Answered {
  readonly status: number;
  readonly code: string | undefined;
}

async function call(path: string, { key, body, headers = {} }: { key?: string; body?: string; headers?: Record<string, string> } = {}): Promise<Answered> {
  const response = await fetch(`${running.address}${path}`, {
    ...(body !== undefined && { method: 'POST', body }),
    headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers },
  });
  const text = await response.text();
  return { status: response.status, code: /"code":"([A-Z_]+)"/.exec(text)?.[1] };
}

const QUERY = JSON.stringify({ query: '{ things { name } }' });
const NOTES = `${JSON.stringify({ kind: 'note', event: { id: 'Note:one', text: 'one', about: 'Thing:a' } })}\n`;

describe('a server that knows its callers', () => {
  test('answers nobody but for whether it lives', async () => {
    expect(await call('/healthz')).toMatchObject({ status: 200 });
    expect(await call('/readyz')).toMatchObject({ status: 200 });
    for (const path of ['/schema.graphql', '/supergraph.graphql', '/metrics']) expect(await call(path)).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    for (const path of ['/graphql', '/api/v1/lineage', '/import/notes', '/subgraphs/notes/events', '/subgraphs/notes/graphql']) {
      expect(await call(path, { body: QUERY })).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    }
  });

  test('takes a key as a bearer or in its own header, and no other', async () => {
    expect(await call('/graphql', { key: KEY.reader, body: QUERY })).toMatchObject({ status: 200 });
    expect(await call('/graphql', { body: QUERY, headers: { 'x-api-key': KEY.reader } })).toMatchObject({ status: 200 });
    expect(await call('/graphql', { key: `${KEY.reader}0`, body: QUERY })).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await call(`/graphql?key=${KEY.reader}`, { body: QUERY })).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  test.each([
    ['reader', { '/graphql': 200, '/api/v1/lineage/batch': 403, '/import/notes': 403 }],
    ['emitter', { '/graphql': 403, '/api/v1/lineage/batch': 400, '/import/notes': 403 }],
    ['admin', { '/graphql': 200, '/api/v1/lineage/batch': 400, '/import/notes': 200 }],
    // Nobody here owns OpenLineage events: 400 is what a caller gets that is let in.
  ] as const)('lets %s do what its roles say and no more', async (name, expected) => {
    const bodies: Record<string, string> = { '/graphql': QUERY, '/api/v1/lineage/batch': '[]', '/import/notes': '' };
    for (const [path, status] of Object.entries(expected)) expect([path, (await call(path, { key: KEY[name], body: bodies[path] ?? '' })).status]).toEqual([path, status]);
  });

  test('takes tokens of its issuer for this audience, with the roles in them', async () => {
    expect(await call('/graphql', { key: await issue({ sub: 'ann', roles: ['read'] }), body: QUERY })).toMatchObject({ status: 200 });
    expect(await call('/graphql', { key: await issue({ sub: 'ann', scope: 'openid read' }), body: QUERY })).toMatchObject({ status: 200 });
    expect(await call('/graphql', { key: await issue({ sub: 'ann', roles: ['emit'] }), body: QUERY })).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await call('/graphql', { key: await issue({ sub: 'ann', roles: ['read'] }, 'another'), body: QUERY })).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    const forged = await new SignJWT({ sub: 'ann', roles: ['admin'] }).setProtectedHeader({ alg: 'HS256' }).setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime('1m').sign(new TextEncoder().encode('a secret of one own, long enough'));
    expect(await call('/graphql', { key: forged, body: QUERY })).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  test('lets a gateway with the shared secret ask a subgraph, and nobody else but an administrator', async () => {
    const passport = await createPassports(GATEWAY_KEY).issue({ name: 'ann', grants: [{ role: 'read', scope: null }] });
    const forged = await createPassports('another secret of many letters').issue({ name: 'ann', grants: [{ role: 'admin', scope: null }] });
    const path = '/subgraphs/things/graphql';
    expect(await call(path, { body: QUERY, headers: { 'x-loopgraph-caller': passport } })).toMatchObject({ status: 200 });
    expect(await call(path, { body: QUERY, headers: { 'x-loopgraph-caller': forged } })).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await call(path, { body: QUERY, key: KEY.reader })).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await call(path, { body: QUERY, key: KEY.admin })).toMatchObject({ status: 200 });
    expect(await call('/subgraphs/notes/events', { body: NOTES, headers: { 'x-loopgraph-caller': passport } })).toEqual({ status: 403, code: 'FORBIDDEN' });
  });

  test('refuses the events of a source for which their sender may not emit, and takes the others', async () => {
    const passport = await createPassports(GATEWAY_KEY).issue({ name: 'spark', grants: [{ role: 'emit', scope: 'spark' }] });
    const note = (id: string, more: object) => `${JSON.stringify({ kind: 'note', event: { id: `Note:${id}`, text: id, about: 'Thing:a', ...more } })}\n`;
    const response = await fetch(`${running.address}/subgraphs/notes/events`, {
      method: 'POST',
      headers: { 'x-loopgraph-caller': passport },
      body: note('s1', { source: 'airflow' }) + note('s2', { source: 'spark' }) + note('s3', {}) + note('s4', { job: { namespace: 'spark' } }) + note('s5', { source: 'spark', text: 1 }),
    });
    expect(await response.json()).toMatchObject({
      accepted: 2,
      rejected: [
        { index: 0, code: 'SOURCE_NOT_ALLOWED', message: 'expected an event of spark, for which spark may emit, got one of airflow' },
        { index: 2, code: 'SOURCE_NOT_ALLOWED' },
        { index: 4, code: 'EVENT_INVALID', field: 'text' },
      ],
    });
  });

  test('takes in an address only a key that emits for one source', async () => {
    const report = 'e=ps,sid="one",cid="a",sta=p,ts=1,v=2\n';
    // Nobody here owns players' reports: 400 is what a caller gets that is let in.
    expect(await call(`/cmcd?key=${KEY.spark}`, { body: report })).toEqual({ status: 400, code: 'EVENT_UNKNOWN_KIND' });
    expect(await call(`/cmcd?key=${KEY.emitter}`, { body: report })).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await call(`/cmcd?key=${KEY.admin}`, { body: report })).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await call('/cmcd', { body: report })).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  test('shows the addresses of subgraphs to administrators only', async () => {
    const read = async (key: string): Promise<string> => (await fetch(`${running.address}/supergraph.graphql`, { headers: { authorization: `Bearer ${key}` } })).text();
    expect(await read(KEY.admin)).toContain('/subgraphs/notes/graphql');
    expect(await read(KEY.reader)).not.toContain('/subgraphs/');
  });
});
