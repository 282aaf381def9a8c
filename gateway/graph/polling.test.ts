import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { toScale } from '../../kit/test-scale.ts';
import type { Running } from '../start.ts';
import { ask, createFolder, startTest } from '../test-gateway.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const weather = (fields: string): string => `${LINK} type Query { weather: Weather } type Weather { ${fields} }`;

/** A subgraph of another process, which can come with another schema at any moment, and be slow. */
function createRemote() {
  let typeDefs = weather('degrees: Int');
  let delay: Promise<unknown> = Promise.resolve();
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { query } = JSON.parse(text) as { query: string };
      const answer = (result: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
      if (query.includes('_service')) {
        answer({ data: { _service: { sdl: typeDefs } } });
        return;
      }
      const resolvers = { Query: { weather: () => ({ degrees: 20, wind: 3 }) } };
      void delay
        .then(() => graphql({ schema: buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers }]), source: query }))
        .then(answer, () => answer({ errors: [{ message: 'no schema' }] }));
    });
  });
  return {
    server,
    serve: (sdl: string) => {
      typeDefs = sdl;
    },
    delay: (until: Promise<unknown>) => {
      delay = until;
    },
  };
}

const remote = createRemote();
let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    remote.server.listen(0, '127.0.0.1', resolve);
  });
  folder = await createFolder();
  const url = `http://127.0.0.1:${(remote.server.address() as AddressInfo).port}/graphql`;
  const config = join(folder.path, 'supergraph.yaml');
  await writeFile(config, `subgraphs:\n  weather:\n    routing_url: ${url}\n    schema:\n      subgraph_url: ${url}\n`);
  await writeFile(join(folder.path, 'how-windy.graphql'), 'query HowWindy { weather { wind } }');
  running = await startTest({ STORE: `lmdb:${folder.path}/store`, SUPERGRAPH_CONFIG: config, SUPERGRAPH_POLL: '0.02' }, { questionsFolder: folder.path });
});

afterAll(async () => {
  await running.close();
  remote.server.close();
  await folder.remove();
});

const query = (text: string) => ask(`${running.address}/graphql`, { query: text });
const readiness = async () => (await fetch(`${running.address}/readyz`)).json() as Promise<{ problems: { what: string; reason: string }[]; questions: { invalid: Record<string, string> } }>;
const refusedReason = async (): Promise<string | undefined> => (await readiness()).problems.find(({ what }) => what === 'supergraph')?.reason;

test('another schema of a subgraph is served while operations run, and each ends on the schema that it began on', async () => {
  expect((await query('{ weather { wind } }')).status).toBe(400);
  expect((await readiness()).questions.invalid).toEqual({ 'how-windy': 'Cannot query field "wind" on type "Weather".' });
  let release = (): void => {};
  remote.delay(new Promise<void>((resolve) => (release = resolve)));
  const slow = query('{ weather { degrees } }');
  remote.serve(weather('wind: Int'));
  await vi.waitFor(async () => expect(await (await fetch(`${running.address}/schema.graphql`)).text()).toContain('wind: Int'), 10_000);
  // The remote forgot `degrees`, which the slow operation asks of it in vain: that is its own fault, told as its own.
  release();
  expect((await slow).body).toMatchObject({ data: { weather: null }, errors: [{ extensions: { serviceName: 'weather' } }] });
  expect((await query('{ weather { wind } }')).body).toEqual({ data: { weather: { wind: 3 } } });
  expect((await ask(`${running.address}/graphql`, { operationName: 'HowWindy' })).body).toEqual({ data: { weather: { wind: 3 } } });
  expect((await readiness()).questions.invalid).toEqual({});
});

test('a schema that does not compose is not served: what was goes on, and readiness says whose fault it is', async () => {
  const before = await (await fetch(`${running.address}/schema.graphql`)).text();
  remote.serve(weather('wind: Wind'));
  await vi.waitFor(async () => expect((await refusedReason()) ?? '').toContain('weather'), 10_000);
  expect(await refusedReason()).toContain('Wind');
  expect(await (await fetch(`${running.address}/schema.graphql`)).text()).toBe(before);
  remote.serve(weather('wind: Int'));
  expect((await query('{ weather { wind } }')).body).toEqual({ data: { weather: { wind: 3 } } });
  await vi.waitFor(async () => expect(await refusedReason()).toBeUndefined(), 10_000);
});

test('many schemas one after the other, under load, fail no operation', async () => {
  let isDone = false;
  let asked = 0;
  const load = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (!isDone) {
        const { body } = await query('{ weather { wind } things { name } }');
        expect(body).toMatchObject({ data: { weather: { wind: 3 } } });
        expect(body).not.toHaveProperty('errors');
        asked += 1;
      }
    }),
  );
  for (let turn = 0; turn < toScale(200); turn += 1) {
    remote.serve(weather(`wind: Int extra${turn}: Int`));
    await vi.waitFor(async () => expect(running.gateway.graph.served().supergraphSdl).toContain(`extra${turn}:`), { timeout: 10_000, interval: 10 });
  }
  isDone = true;
  await load;
  expect(asked).toBeGreaterThan(toScale(200));
});
