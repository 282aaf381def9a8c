import { gzipSync } from 'node:zlib';
import { createRandom, type Random } from '../sample/studio/random.ts';

/** A body as it is sent. */
export interface Body {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** A receiver with bodies that it takes. */
interface Target {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bodies as values that JSON writes, or as text. */
  readonly valid: readonly (object | string)[];
}

const RUN = {
  eventType: 'COMPLETE', eventTime: '2026-01-05T10:00:00.000Z', producer: 'https://example.com/emitter',
  schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
  run: { runId: '01941f29-7c00-7aaa-8bbb-0123456789ab', facets: { nominalTime: { nominalStartTime: '2026-01-05T00:00:00Z' }, parent: { run: { runId: '01941f29-7c00-7aaa-8bbb-0123456789ac' }, job: { namespace: 'n', name: 'p' } }, tags: { tags: [{ key: 'team', value: 'a' }] } } },
  job: { namespace: 'hostile', name: 'job', facets: { ownership: { owners: [{ name: 'team:a' }] } } },
  inputs: [{ namespace: 'hostile', name: 'in', inputFacets: { dataQualityAssertions: { assertions: [{ assertion: 'unique', success: true, column: 'a' }] } } }],
  outputs: [{ namespace: 'hostile', name: 'out', facets: { schema: { fields: [{ name: 'a', type: 'INT' }] }, columnLineage: { fields: { a: { inputFields: [{ namespace: 'hostile', name: 'in', field: 'a' }] } } } }, outputFacets: { outputStatistics: { rowCount: 1, size: 2 } } }],
};
const SESSION = { source: '/player', id: '1', namespace: 'hostile', show: { title: 'A', season: null, kind: 'FILM' }, startedAt: '2026-01-05T10:00:00Z', watchedMs: 60_000, durationMs: 90_000, startupMs: 300, rebufferMs: 0, rebufferCount: 0, bytes: 5, bitrateKbps: 100, device: 'tv', country: 'SE', user: 'u' };
const CLOUD = { specversion: '1.0', type: 'loopgraph.playback-session', source: '/player', id: '2', time: '2026-01-05T10:00:00Z', data: { ...SESSION, id: undefined, source: undefined } };
const UNCLAIMED = { specversion: '1.0', type: 'com.example.thing', source: '/thing', id: '3', data: { a: [1, { b: null }] } };
const ANSWER = { responseId: 'r1', answeredAt: '2026-01-05T10:00:00Z', team: 'a', answers: [{ question: 'q', value: 3 }, { question: 'many', values: ['x', 'y'] }] };
const REPORT = { report: 'r', namespace: 'hostile', title: 'A', kind: 'SERIES', period: { from: '2026-01-05', to: '2026-01-12' }, hoursViewed: 100_000, dataset: { namespace: 'hostile', name: 'd' } };
const SURVEY = { namespace: 'hostile', name: 's', edition: '1', questions: [{ id: 'q', text: 'How?', kind: 'RATING', scale: { min: 1, max: 5 } }] };
const TEAM = { source: '/teams', id: '1', name: 'a', members: [{ id: 'u' }] };
const CMCD = 'e=ps,sid="hostile",sn=0,cid="A",sta=p,ts=1767607200000,v=2,bl=(100),br=(3000;v),msd=300\ne=i,sid="hostile",sn=1,cid="A",ts=1767607210000,v=2,com.example-x="ü"\n';
const CSV = 'Timestamp,How satisfied are you? (1 = low to 5 = high),Which tools?\n2026/01/05 10:00:00 AM GMT,4,"a, b"\n2026/01/05 10:01:00 AM GMT,5,a\n';
const TOP10 = 'week\tcategory\tweekly_rank\tshow_title\tseason_title\tweekly_hours_viewed\tcumulative_weeks_in_top_10\n2024-01-07\tTV (English)\t1\tA\tA: Season 1\t1000000\t1\n';
const ENGAGEMENT = 'Title,Available Globally?,Release Date,Hours Viewed\nA: Season 1,Yes,2023-01-01,"1,000,000"\n';
const SESSIONS = 'id,started_at,watched_ms,title\n1,2026-01-05T10:00:00Z,1000,A\n';
const SWF = '; Computer: a\n; UnixStartTime: 1132444800\n1 0 -1 10 1 -1 -1 1 10 -1 -1 3 2 -1 0 -1 -1 -1\n';
const SCRAPE = '{"sha":"a","committed_at":"2023-01-04T13:00:00Z","author":"github-actions[bot]","message":"Latest data","outputs":[{"path":"all-weeks-global.tsv","bytes":100,"lines":10,"header":["week"],"sha256":"x"}]}\n';
const DBT = JSON.stringify({ metadata: { dbt_schema_version: 'https://schemas.getdbt.com/dbt/run-results/v6.json', invocation_id: 'i' }, results: [] });

const JSON_TYPE = { 'content-type': 'application/json' };
const FILE = { 'content-type': 'application/octet-stream' };
const stream = (kind: string, event: object): string => `${JSON.stringify({ kind, event })}\n`;

const TARGETS: readonly Target[] = [
  { path: '/api/v1/lineage', headers: JSON_TYPE, valid: [RUN, { ...RUN, run: undefined }, [RUN, RUN]] },
  { path: '/api/v1/lineage/batch', headers: JSON_TYPE, valid: [[RUN], [RUN, { eventTime: RUN.eventTime }]] },
  { path: '/events', headers: { 'content-type': 'application/cloudevents+json' }, valid: [CLOUD, UNCLAIMED] },
  { path: '/events', headers: { 'content-type': 'application/cloudevents-batch+json' }, valid: [[CLOUD, UNCLAIMED], []] },
  { path: '/events', headers: { 'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-type': 'com.example.binary', 'ce-source': '/b', 'ce-id': '4' }, valid: [{ a: 1 }, 'null'] },
  { path: '/cmcd', headers: { 'content-type': 'application/cmcd' }, valid: [CMCD] },
  { path: '/surveys/hostile:s:1/responses', headers: JSON_TYPE, valid: [ANSWER] },
  { path: '/surveys/hostile:s:2/responses', headers: { 'content-type': 'text/csv' }, valid: [CSV] },
  { path: '/subgraphs/viewing/events', headers: { 'content-type': 'application/x-ndjson' }, valid: [stream('playback-session', SESSION), stream('published-report', REPORT), stream('show', { source: '/c', id: '1', namespace: 'hostile', title: 'A' }), stream('cmcd-report', { source: 's', report: { sid: 'x', ts: 1, cid: 'A' } })] },
  { path: '/subgraphs/feedback/events', headers: { 'content-type': 'application/x-ndjson' }, valid: [stream('survey', SURVEY), stream('team', TEAM), stream('survey-response', { survey: { namespace: 'hostile', name: 's', edition: '1' }, ...ANSWER })] },
  { path: '/subgraphs/platform/events', headers: { 'content-type': 'application/x-ndjson' }, valid: [stream('openlineage', RUN), stream('log-run', { log: 'l', number: 1 })] },
  { path: '/subgraphs/intake/events', headers: { 'content-type': 'application/x-ndjson' }, valid: [stream('unclaimed-event', UNCLAIMED)] },
  { path: '/refusals/resend', headers: JSON_TYPE, valid: [{ ids: ['Refusal:x'] }, { receiver: 'CMCD' }, { type: 'com.example.thing' }] },
  { path: '/import/openlineage', headers: FILE, valid: [`${JSON.stringify(RUN)}\n`] },
  { path: '/import/cloudevents', headers: FILE, valid: [`${JSON.stringify(CLOUD)}\n`] },
  { path: '/import/netflix-top10', headers: FILE, valid: [TOP10] },
  { path: '/import/netflix-engagement?period=2023-01-01/2023-07-01', headers: FILE, valid: [ENGAGEMENT] },
  { path: '/import/playback-sessions', headers: FILE, valid: [SESSIONS] },
  { path: '/import/swf', headers: FILE, valid: [SWF] },
  { path: '/import/scrape-history', headers: FILE, valid: [SCRAPE] },
  { path: '/import/survey?name=s', headers: FILE, valid: [CSV] },
  { path: '/import/dbt', headers: FILE, valid: [DBT] },
];

const STRANGE: readonly unknown[] = [
  null, true, false, 0, -1, 1e308, -1e308, 2 ** 60, 0.1, '', ' ', '\0', '\ud800', '𝒳'.repeat(50), 'x'.repeat(3_000), '2026-02-30', '0000-00-00T00:00:00Z', '2026-01-05T10:00:00+99:99',
  '9999-12-31T23:59:59Z', [], {}, [[]], { __typename: 'x' }, { constructor: { prototype: 1 } }, { $ne: 1 }, { 'a.b': 1, $where: 'x' }, ['x', 1, null], '{{template}}', 'Infinity', 'NaN',
];
/** Texts that stand for values in JSON that no value writes. */
const RAW: readonly string[] = ['1e999', '-1e999', '123456789012345678901234567890', '{"__proto__":{"polluted":1}}', '"\\ud800"', '{"a":1,"a":2}', 'NaN', 'undefined', '01', '"\u0001"', "'x'", '/**/1'];

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, item]) => pathsOf(item, [...path, Array.isArray(value) ? Number(name) : name]))];
}

/** A copy of a value with another one, or none, at a path. */
function replaceAt(value: unknown, path: Path, by: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((item: unknown, at) => (at === step ? replaceAt(item, rest, by) : item));
  return { ...(value as object), [step]: replaceAt((value as Record<string | number, unknown>)[step], rest, by) };
}

const MARK = 'hostile-mark-of-a-raw-value';

/** Text that says a value, with something strange in its place. */
function mutateValue(value: unknown, random: Random): string {
  const path = random.pick(pathsOf(value));
  switch (random.below(5)) {
    case 0:
      return JSON.stringify(replaceAt(value, path, undefined)) ?? '';
    case 1:
      return (JSON.stringify(replaceAt(value, path, MARK)) ?? MARK).replace(`"${MARK}"`, random.pick(RAW));
    case 2: {
      const depth = random.pick([100, 1_000, 10_000]);
      const nest = random.chance(500) ? ['[', ']'] : ['{"a":', '}'];
      return (JSON.stringify(replaceAt(value, path, MARK)) ?? MARK).replace(`"${MARK}"`, `${(nest[0] ?? '').repeat(depth)}1${(nest[1] ?? '').repeat(depth)}`);
    }
    default:
      return JSON.stringify(replaceAt(value, path, random.pick(STRANGE))) ?? '';
  }
}

/** Bytes with some of them lost, doubled or changed. */
function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  switch (random.below(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xfe, 0xc0, 0x80]), bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(['\0', '"', '\n', '\r', '\t', ',', ';', '{', '}', '[', ']', '\ufeff', '<html>'])), bytes.subarray(at)]);
    case 3:
      return Buffer.from(bytes.toString('latin1'), 'utf16le');
    case 4:
      return Buffer.concat([bytes, bytes]);
    default: {
      const copy = Buffer.from(bytes);
      for (let count = random.between(1, 8); count > 0 && copy.length > 0; count--) copy[random.below(copy.length)] = random.below(256);
      return copy;
    }
  }
}

/** The bytes of a bomb: small as sent, above every limit when inflated. Made once. */
const BOMB = gzipSync(Buffer.alloc(80 * 1024 * 1024, 0x20), { level: 9 });

/** How the bytes are wrapped: mostly not at all. */
function wrap(path: string, headers: Readonly<Record<string, string>>, bytes: Buffer, random: Random): Body {
  switch (random.below(40)) {
    case 0:
      return { path, headers: { ...headers, 'content-encoding': 'gzip' }, bytes: gzipSync(bytes) };
    case 1:
      return { path, headers: { ...headers, 'content-encoding': 'gzip' }, bytes: gzipSync(bytes).subarray(0, -3) };
    case 2:
      return { path, headers: { ...headers, 'content-encoding': random.pick(['gzip', 'br', 'deflate', 'x']) }, bytes };
    case 3:
      return { path, headers: { ...headers, 'content-type': random.pick(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16', 'x']) }, bytes };
    case 4:
      return { path, headers, bytes: Buffer.alloc(0) };
    default:
      return { path, headers, bytes };
  }
}

/** Bodies that come again for the same seed: valid ones of every receiver, each with something wrong with it, and now and then a bomb. */
export function* hostileBodies(seed: string, count: number): Generator<Body> {
  for (let number = 0; number < count; number++) {
    const random = createRandom(`${seed}/${number}`);
    const { path, headers, valid } = random.pick(TARGETS);
    if (random.below(2_000) === 0) {
      yield { path, headers: { ...headers, 'content-encoding': 'gzip' }, bytes: BOMB };
      continue;
    }
    const whole = random.pick(valid);
    const isLine = typeof whole === 'string' && whole.startsWith('{');
    const value: unknown = typeof whole === 'string' ? (isLine ? JSON.parse(whole) : null) : whole;
    const text = value !== null && random.chance(600) ? `${mutateValue(value, random)}${isLine ? '\n' : ''}` : typeof whole === 'string' ? whole : JSON.stringify(whole);
    const bytes = Buffer.from(text);
    yield wrap(path, headers, random.chance(value === null ? 900 : 400) ? mutateBytes(bytes, random) : bytes, random);
  }
}
