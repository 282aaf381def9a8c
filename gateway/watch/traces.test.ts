import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Running } from '../start.ts';
import { createFolder, startTest } from '../test-gateway.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
}

const spans: Span[] = [];
let bodies = '';
const collector = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    bodies += text;
    const { resourceSpans } = JSON.parse(text) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
    spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((each) => each.spans)));
    response.setHeader('content-type', 'application/json').end('{}');
  });
});

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    collector.listen(0, '127.0.0.1', resolve);
  });
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${folder.path}/store`, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}` });
});

afterAll(async () => {
  await running.close();
  collector.close();
  await folder.remove();
});

test('a request is traced from the client through each fetch to the store, and nothing that people wrote goes along', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const parent = 'b7ad6b7169203331';
  await running.gateway.ingest.send('note', [{ id: 'Note:one', text: 'a note that somebody wrote', about: 'Thing:a' }]);
  const response = await fetch(`${running.address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${parent}-01`, authorization: 'Bearer what-nobody-may-read' },
    body: JSON.stringify({ query: 'query Secret($about: ID!) { notes(about: $about) { text about { name } } }', variables: { about: 'Thing:a' } }),
  });
  expect(await response.json()).toMatchObject({ data: { notes: [{ text: 'a note that somebody wrote', about: { name: 'thing a' } }] } });
  // Closing sends what waits.
  await running.close();

  const own = spans.filter((span) => span.traceId === traceId);
  const named = (name: string): Span => {
    const found = own.find((span) => span.name === name);
    if (found === undefined) throw new Error(`no span ${name} among ${own.map((span) => span.name).join(', ')}`);
    return found;
  };
  const request = named('POST /graphql');
  expect(request.parentSpanId).toBe(parent);
  expect(named('fetch notes').parentSpanId).toBe(request.spanId);
  expect(named('fetch things').parentSpanId).toBe(request.spanId);
  expect(named('store scan').parentSpanId).toBe(named('fetch notes').spanId);
  for (const secret of ['somebody wrote', 'Secret', 'Thing:a', 'what-nobody-may-read']) expect(bodies).not.toContain(secret);
});
