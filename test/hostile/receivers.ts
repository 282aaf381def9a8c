import type { Random } from '../../sample/studio/random.ts';
import { mutateJson, mutateTable, mutateText } from './mutation.ts';
import { CLOUD_EVENTS, FILES, KINDS, LINEAGE, REPORTS, RESPONSE, type SampleFile } from './samples.ts';
import { drawText, drawValue, toText } from './values.ts';

/** What is sent, before it is said in bytes. */
export interface Draft {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A place where others' bytes come in. */
export interface HostileReceiver {
  readonly name: string;
  /** How many of a hundred bodies go to it. */
  readonly weight: number;
  /** How its bytes are read: as one JSON value, or so that a part of them can be taken. */
  readonly reads: 'json' | 'parts';
  readonly draw: (random: Random) => Draft;
}

/** A valid value as it is, one that was mutated, or none at all. */
function draw(random: Random, valid: unknown): string {
  const draw = random.below(100);
  if (draw < 8) return toText(valid);
  if (draw < 80) return mutateJson(random, valid);
  if (draw < 92) return mutateText(random, JSON.stringify(valid));
  return toText(drawValue(random));
}

const JSON_HEADERS = { 'content-type': 'application/json' };

const listOf = (random: Random, valid: readonly unknown[]): string => {
  const items = Array.from({ length: random.pick([0, 1, 2, 5]) }, () => draw(random, random.pick(valid)));
  return random.chance(100) ? mutateText(random, `[${items.join(',')}]`) : `[${items.join(',')}]`;
};

/** Another id, so that not all that is taken is the same or in conflict. */
function renewed(random: Random, event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...event, id: `h${random.below(1_000_000)}` };
}

function drawBinary(random: Random): Draft {
  const event = renewed(random, random.pick(CLOUD_EVENTS));
  const headers: Record<string, string> = { 'content-type': random.pick(['application/json', 'application/json', 'text/plain', 'application/octet-stream', 'application/vnd.x+json; charset=utf-16', '']) };
  for (const name of ['specversion', 'type', 'source', 'id', 'time', 'subject']) {
    const value = random.chance(850) ? String(event[name]) : random.pick([encodeURIComponent(drawText(random).toWellFormed()).slice(0, 3_000), '"', '"a\\"b"', '%', '%ff', 'True', 'é', '']);
    if (random.chance(950)) headers[`ce-${name}`] = value;
  }
  if (random.chance(100)) headers[random.pick(['ce-__proto__', 'ce-constructor', 'ce-data', 'ce-', 'ce-data_base64', 'ce-a-b'])] = 'x';
  return { path: '/events', headers, text: draw(random, event['data'] ?? 'bytes') };
}

const cutLines = (random: Random, lines: readonly string[]): string => lines.join(random.pick(['\n', '\n', '\n', '\r\n', '\n\n']));

function drawReports(random: Random): Draft {
  const lines = Array.from({ length: random.between(1, 6) }, () => {
    const line = random.pick(REPORTS);
    const draw = random.below(100);
    if (draw < 15) return line;
    if (draw < 75) return mutateText(random, line);
    if (draw < 90) return line.split(',').map((pair) => (random.chance(200) ? `${pair.split('=')[0]}=${random.pick(['1e3', '999999999999999', '-1', '(1 2', `"${'x'.repeat(300)}"`, ':aGk=:', '@1', '?2', '()', '""', '9007199254740993', '(1;a="b" 2)', '0.1234'])}` : pair)).join(',');
    return random.pick([`a=${'('.repeat(10_000)}`, drawText(random), 'x'.repeat(70_000), JSON.stringify(drawText(random)), toText(drawValue(random)), '__proto__=1,e=ps', 'constructor=(1),e=t']);
  });
  const source = random.pick(['', '', '?source=hostile', '?source=', `?source=${'x'.repeat(300)}`, '?source=a&source=b', '?source=__proto__', '?source=%00', '?other=1']);
  return { path: `/cmcd${source}`, headers: { 'content-type': random.pick(['application/cmcd', 'text/plain', 'application/json']) }, text: cutLines(random, lines) };
}

function drawStream(random: Random): Draft {
  const name = random.pick(Object.keys(KINDS));
  const lines = Array.from({ length: random.between(1, 5) }, () => {
    const { kind, event } = random.pick(KINDS[name] ?? []);
    const value = { kind, event: random.chance(500) && typeof event === 'object' && event !== null && 'id' in event && kind !== 'settled' ? renewed(random, event as Record<string, unknown>) : event };
    return random.chance(150) ? draw(random, value) : `{"kind":${JSON.stringify(kind)},"event":${draw(random, value.event)}}`;
  });
  return { path: `/subgraphs/${random.chance(980) ? name : random.pick(['nobody', '__proto__', '%00', 'Viewing'])}/events`, headers: { 'content-type': 'application/x-ndjson' }, text: cutLines(random, lines) };
}

function fileText(random: Random, { text, form }: SampleFile): string {
  const how = random.below(100);
  if (how < 5) return text;
  if (how < 20 || form === 'text') return mutateText(random, text);
  if (form === 'lines') return cutLines(random, text.trimEnd().split('\n').slice(0, random.between(1, 20)).map((line) => (random.chance(400) ? draw(random, JSON.parse(line)) : line)));
  if (form === 'array') return `[${(JSON.parse(text) as unknown[]).slice(0, random.between(1, 6)).map((value) => (random.chance(400) ? draw(random, value) : JSON.stringify(value))).join(random.pick([',', ',\n']))}]`;
  if (form === 'values') {
    const values = text.split(/\n(?=\{)/);
    const at = random.below(values.length);
    return values.map((value, place) => (place === at ? mutateJson(random, JSON.parse(value)) : value)).join('\n');
  }
  return mutateTable(random, text, form.delimiter);
}

const PARAMETERS = ['', '', '', '?namespace=hostile', '?name=happy&edition=1', '?name=&edition=', '?name=a&name=b', '?__proto__=1', '?colour=red', '?timeZone=Mars/Olympus', '?user=Email%20Address', '?source=%00', `?namespace=${'x'.repeat(2_000)}`, '?team=Team&whole=false', '?job=j', '?publishedAt=yesterday', '?answeredAt=2024-02-30'];

const drawImport = (kind: string) => (random: Random): Draft => ({
  path: `/import/${kind}${kind === 'survey' && random.chance(700) ? '?name=hostile&edition=1' : random.pick(PARAMETERS)}`,
  headers: { 'content-type': 'application/octet-stream', ...(random.chance(100) && { accept: 'application/x-ndjson' }) },
  text: fileText(random, random.pick(FILES[kind] ?? [])),
});

const SURVEYS = ['hostile:happy:2024', 'hostile:happy:2024', 'hostile:happy:2024', 'a%2Fb:c%3Ad:2024', 'a:b', 'a:b:c:d', '::', '%', '%ff:%00:1', '%00:%00:%00', `${'x'.repeat(401)}:b:c`, '__proto__:constructor:toString', 'simulated:a:b', encodeURIComponent('ü:😀:1')];

/** Every receiver of events, and the one that gives what was refused to its owner again. */
export const RECEIVERS: readonly HostileReceiver[] = [
  { name: '/api/v1/lineage', weight: 15, reads: 'json', draw: (random) => ({ path: '/api/v1/lineage', headers: JSON_HEADERS, text: draw(random, random.pick(LINEAGE)) }) },
  { name: '/api/v1/lineage/batch', weight: 8, reads: 'json', draw: (random) => ({ path: '/api/v1/lineage/batch', headers: JSON_HEADERS, text: random.chance(800) ? listOf(random, LINEAGE) : draw(random, LINEAGE[0]) }) },
  { name: '/events, structured', weight: 9, reads: 'json', draw: (random) => ({ path: '/events', headers: { 'content-type': 'application/cloudevents+json' }, text: draw(random, random.chance(500) ? renewed(random, random.pick(CLOUD_EVENTS)) : random.pick(CLOUD_EVENTS)) }) },
  { name: '/events, batch', weight: 7, reads: 'json', draw: (random) => ({ path: '/events', headers: { 'content-type': 'application/cloudevents-batch+json' }, text: random.chance(850) ? listOf(random, CLOUD_EVENTS.map((event) => renewed(random, event))) : draw(random, CLOUD_EVENTS[0]) }) },
  { name: '/events, binary', weight: 9, reads: 'parts', draw: drawBinary },
  { name: '/cmcd', weight: 12, reads: 'parts', draw: drawReports },
  { name: '/surveys/{survey}/responses, one', weight: 8, reads: 'json', draw: (random) => ({ path: `/surveys/${random.pick(SURVEYS)}/responses`, headers: JSON_HEADERS, text: draw(random, { ...(RESPONSE as object), responseId: `h${random.below(1_000)}` }) }) },
  { name: '/surveys/{survey}/responses, export', weight: 5, reads: 'parts', draw: (random) => ({ path: `/surveys/${random.pick(SURVEYS)}/responses${random.pick(PARAMETERS)}`, headers: { 'content-type': random.pick(['text/csv', 'text/csv; charset=utf-8', 'text/tab-separated-values']) }, text: fileText(random, random.pick(FILES['survey'] ?? [])) }) },
  { name: '/subgraphs/{name}/events', weight: 12, reads: 'parts', draw: drawStream },
  ...Object.keys(FILES).map((kind): HostileReceiver => ({ name: `/import/${kind}`, weight: kind === 'dbt' ? 0.6 : 1.5, reads: 'parts', draw: drawImport(kind) })),
  { name: '/refusals/resend', weight: 2, reads: 'json', draw: (random) => ({ path: '/refusals/resend', headers: JSON_HEADERS, text: draw(random, random.pick<unknown>([{ ids: ['Refusal:aaaaaaaaaaaaaaaaaaaaaa', 'UnclaimedEvent:aaaaaaaaaaaaaaaaaaaaaa'] }, { ids: ['Refusal:aaaaaaaaaaaaaaaaaaaaaa'] }, { type: 'com.example.nobody' }, { type: 'com.example.change' }])) }) },
];
