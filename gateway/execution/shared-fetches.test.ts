import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient } from './http-client.ts';
import { createSharedFetches } from './shared-fetches.ts';
import type { SubgraphClient } from './subgraph-client.ts';

const ANNA = { name: 'anna' };
const BEN = { name: 'ben' };
const lasting = (): AbortSignal => new AbortController().signal;

describe('createSharedFetches', () => {
  const open = () => {
    const starts: { signal: AbortSignal; give: (answer: string) => void; fail: (error: Error) => void }[] = [];
    const shared = createSharedFetches<string>();
    const ask = (caller: object, key: string, signal = lasting()) =>
      shared.ask(caller, key, signal, (end) => new Promise((give, fail) => {
        starts.push({ signal: end, give, fail });
        end.addEventListener('abort', () => fail(new Error('ended')));
      }));
    return { starts, ask };
  };

  it('starts once for equal requests of one caller, and again once it has come', async () => {
    const { starts, ask } = open();
    const all = Promise.all([ask(ANNA, 'q'), ask(ANNA, 'q'), ask(ANNA, 'q')]);
    starts[0]?.give('one');
    expect(await all).toEqual(['one', 'one', 'one']);
    void ask(ANNA, 'q');
    expect(starts).toHaveLength(2);
  });

  it('starts for each caller and each request', () => {
    const { starts, ask } = open();
    for (const [caller, key] of [[ANNA, 'q'], [BEN, 'q'], [{ ...ANNA }, 'q'], [ANNA, 'r']] as const) void ask(caller, key);
    expect(starts).toHaveLength(4);
  });

  it('tells each who waits of a failure, and keeps nothing of it', async () => {
    const { starts, ask } = open();
    const all = Promise.allSettled([ask(ANNA, 'q'), ask(ANNA, 'q')]);
    starts[0]?.fail(new Error('lost'));
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    void ask(ANNA, 'q');
    expect(starts).toHaveLength(2);
  });

  it('goes on while somebody waits, and ends when nobody does', async () => {
    const { starts, ask } = open();
    const [first, second] = [new AbortController(), new AbortController()];
    const all = Promise.allSettled([ask(ANNA, 'q', first.signal), ask(ANNA, 'q', second.signal)]);
    first.abort();
    expect(starts[0]?.signal.aborted).toBe(false);
    second.abort();
    expect(starts[0]?.signal.aborted).toBe(true);
    void ask(ANNA, 'q');
    expect(starts).toHaveLength(2);
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

describe('a client over HTTP', () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(String(request.headers['x-who']));
    // Answers once the others had the time to ask.
    setTimeout(() => response.end(JSON.stringify({ data: { who: request.headers['x-who'] } })), 50);
  });
  let client: SubgraphClient;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = createHttpClient('there', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
      headers: async (context) => ({ 'x-who': (context as { name: string }).name }), caller: (context) => context as object,
    });
  });
  beforeEach(() => {
    asked.length = 0;
  });
  afterAll(async () => {
    await client.close?.();
    server.close();
  });
  const ask = async (context: object, query: string, mayShare: boolean) => (await client.execute({ query }, { signal: lasting(), context, scope: new Map(), mayShare })).data;

  it('sends equal requests of one caller once, and gives each its own answer to change', async () => {
    const [first, second, other] = await Promise.all([ask(ANNA, '{ who }', true), ask(ANNA, '{ who }', true), ask(BEN, '{ who }', true)]);
    expect([first, second, other]).toEqual([{ who: 'anna' }, { who: 'anna' }, { who: 'ben' }]);
    expect(first).not.toBe(second);
    expect(asked.toSorted()).toEqual(['anna', 'ben']);
  });

  it('shares nothing of an operation that changes something', async () => {
    await Promise.all([ask(ANNA, '{ who }', false), ask(ANNA, '{ who }', false), ask(ANNA, 'mutation { who }', true), ask(ANNA, 'mutation { who }', true)]);
    expect(asked).toHaveLength(4);
  });
});
