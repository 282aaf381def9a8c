import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from './start.ts';
import { createFolder, startTest } from './test-gateway.ts';

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${folder.path}/store` });
});

afterAll(async () => {
  await running.close();
  await folder.remove();
});

/** What only a page that asked first may do: the server takes no GET that a link or an image could make. */
const fetchFn = (input: string, init?: RequestInit): Promise<Response> =>
  fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string> | undefined), 'apollo-require-preflight': 'true' } });

/** Apollo Server answers 400 to an operation that cannot be executed in either media type: a client that reads the status alone is told too. */
const ANSWERED_400 = new Set(['572B', 'FDE2', '7B9B']);

describe('GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => `${running.address}/graphql`, fetchFn });

  test.each(audits.map((audit) => [`${audit.id}: ${audit.name}`, audit] as const))('%s', async (_, audit) => {
    const result = await audit.fn();
    const outcome = result.status === 'ok' ? 'ok' : `${result.status}, HTTP ${result.response.status}: ${result.reason}`;
    expect(outcome).toMatch(ANSWERED_400.has(audit.id) ? /^warn, HTTP 400/ : /^ok$/);
  });
});
