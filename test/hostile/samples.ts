import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { projectPath } from '../../kit/project.ts';

/** The beginning of a published file, in lines. */
function head(name: string, lines: number, from = 0): string {
  const text = gunzipSync(readFileSync(projectPath('sample', 'facts', name))).toString();
  return `${text.split('\n').slice(from, from + lines).join('\n')}\n`;
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
const valuesOf = (text: string): unknown[] => linesOf(text).map((line) => JSON.parse(line) as unknown);
const recorded = (...parts: readonly string[]): string => readFileSync(projectPath('test', 'emitters', ...parts), 'utf8');

const wrapped = [head('openlineage-handwritten.jsonl.gz', 1_000), head('openlineage-recorded-runs.jsonl.gz', 1_000)].flatMap(valuesOf) as { readonly event: unknown }[];

/** OpenLineage events, as emitters sent them; those over 6 kB are left out, so that mutations fall on what is read. */
export const LINEAGE: readonly unknown[] = [
  ...wrapped.map(({ event }) => event),
  ...[['airflow', 'recorded', 'nightly.ndjson'], ['dbt', 'recorded', 'artifacts.ndjson'], ['spark', 'recorded', 'figures.ndjson']].flatMap((parts) => valuesOf(recorded(...parts)).flat()),
  { eventTime: '2024-11-17T00:00:00Z', producer: 'https://example.com', schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent', dataset: { namespace: 'hostile', name: 'd', facets: { schema: { fields: [{ name: 'a', type: 'INT', fields: [{ name: 'b' }] }] } } } },
].filter((event) => JSON.stringify(event).length < 6_000);

/** Lines of reports as players sent them. */
export const REPORTS: readonly string[] = ['hls', 'dashjs', 'dashjs-default-keys', 'shaka'].flatMap((player) => linesOf(recorded('players', 'recorded', `${player}.cmcd`)));

const session = {
  source: '/players', id: 's1', namespace: 'hostile', show: { title: 'A film', season: null, kind: 'FILM' }, startedAt: '2024-11-17T10:00:00Z', watchedMs: 60_000, durationMs: 90_000, startupMs: 300.5,
  rebufferMs: 12, rebufferCount: 1, bytes: 4_000_000, bitrateKbps: 4_500, errors: 0, device: 'tv', country: 'CH', user: 'ann', more: { of: ['it'] },
};
const report = {
  source: '/reports', id: 'r1', namespace: 'hostile', report: 'Top 10', title: 'A film', season: null, kind: 'FILM', matchTitle: 'a film', period: { from: '2024-11-11', to: '2024-11-18' }, hoursViewed: 24_600_000, hoursRoundedTo: 100_000,
  views: 16_000_000, runtimeMinutes: 92, rank: 1, category: 'Films', cumulativeWeeks: 1, availableGlobally: true, releasedOn: '2024-11-13', country: 'CH', occurrence: 1, dataset: { namespace: 'hostile', name: 'd' }, place: { line: 2 }, extra: { a: 1 }, publishedAt: '2024-11-19T00:00:00Z',
};
const show = { source: '/shows', id: 'w1', time: '2024-11-17T10:00:00Z', namespace: 'hostile', title: 'A film', season: null, kind: 'FILM', matchTitle: 'a film', team: 'drama', datasets: [{ namespace: 'hostile', name: 'd' }] };
const team = { source: '/teams', id: 't1', name: 'drama', description: 'makes films', memberCount: 2, members: ['ann', 'bob'], at: '2024-11-17T10:00:00Z' };
const survey = {
  namespace: 'hostile', name: 'happy', edition: '2024', openedOn: '2024-05-01', closedOn: '2024-06-01', whole: false, invited: 40, invitedByTeam: { drama: 3 }, at: '2024-05-01T00:00:00Z',
  questions: [{ id: 'q', text: 'How was it?', kind: 'SCALE', scale: { min: 1, max: 5 }, measures: 'satisfaction' }, { id: 'n', text: 'Recommend?', kind: 'NPS', scale: { min: 0, max: 10 } }, { id: 'm', text: 'Which?', kind: 'MULTIPLE_CHOICE', options: ['a', 'b'] }, { id: 'g', text: 'Speed', row: 'of runs', kind: 'GRID', options: ['good'] }],
};
const response = {
  survey: { namespace: 'hostile', name: 'happy', edition: '2024' }, responseId: 'one', answeredAt: '2024-05-02T10:00:00Z', team: 'drama', job: { namespace: 'hostile', name: 'j' }, dataset: { namespace: 'hostile', name: 'd' },
  show: { namespace: 'hostile', title: 'A film', season: null, kind: 'FILM' }, user: 'ann', answers: [{ question: 'q', value: 4 }, { question: 'n', value: 10 }, { question: 'm', values: ['a', 'b'] }, { question: 'g', value: 'good' }], about: { device: 'tv' },
};
const byRow = { ...response, responseId: null, row: { hash: 'aaaa', ordinal: 0 } };
const logRun = { source: 'log', number: 1, namespace: 'hostile', job: 'j', team: 'drama', user: 'ann', submittedAt: '2024-11-17T09:00:00Z', startedAt: '2024-11-17T10:00:00Z', waitMs: 1_000, durationMs: 60_000, outcome: 'COMPLETE', memory: 4 };
const refusal = { receiver: 'IMPORT', kind: 'openlineage', code: 'EVENT_INVALID', field: 'run.runId', message: 'expected a text', body: { a: 1 }, excerpt: null };

/** Events of each kind but `openlineage`, by the subgraph that owns it. */
export const KINDS: Readonly<Record<string, readonly { readonly kind: string; readonly event: unknown }[]>> = {
  viewing: [
    { kind: 'playback-session', event: session }, { kind: 'published-report', event: report }, { kind: 'show', event: show },
    { kind: 'cmcd-report', event: { source: 'players', receivedAt: '2024-11-17T10:00:00Z', report: { e: 'ps', v: 2, sid: 's', sn: 1, ts: 1_731_837_600_000, cid: 'A film', sta: 'p', br: [{ value: 400, params: { v: true } }], 'com.example-x': 'y' } } },
  ],
  feedback: [{ kind: 'team', event: team }, { kind: 'survey', event: survey }, { kind: 'survey-response', event: response }, { kind: 'survey-response', event: byRow }],
  platform: [{ kind: 'log-run', event: logRun }, ...LINEAGE.slice(0, 20).map((event) => ({ kind: 'openlineage', event }))],
  intake: [{ kind: 'refusal', event: refusal }, { kind: 'unclaimed-event', event: { specversion: '1.0', type: 'com.example.x', source: '/x', id: 'x1', time: '2024-11-17T10:00:00Z', data: { a: 1 } } }, { kind: 'settled', event: { id: 'Refusal:aaaaaaaaaaaaaaaaaaaaaa' } }],
};

const envelope = (type: string, id: string, data: unknown): Record<string, unknown> => ({ specversion: '1.0', type, source: '/hostile', id, time: '2024-11-17T10:00:00Z', subject: 'a', dataschema: 'https://example.com/s', datacontenttype: 'application/json', data });

/** CloudEvents of every type that is taken, and of some that none is. */
export const CLOUD_EVENTS: readonly Readonly<Record<string, unknown>>[] = [
  envelope('loopgraph.show', 'w1', show), envelope('loopgraph.playback-session', 's1', session), envelope('loopgraph.published-report', 'r1', report),
  envelope('loopgraph.team', 't1', team), envelope('loopgraph.survey', 'v1', survey), envelope('loopgraph.survey-response', 'a1', response),
  envelope('com.example.change', 'c1', { what: 'deploy', by: 'ann', parts: [{ a: 1 }] }), { ...envelope('com.example.bytes', 'b1', undefined), datacontenttype: 'application/octet-stream', data_base64: 'AAEC/w==' },
  { ...envelope('com.example.text', 'x1', 'a text'), datacontenttype: 'text/plain', comexampleextension: true },
];

export const RESPONSE: unknown = { ...response, survey: undefined };

const dbt = ['run_results-build.json', 'manifest.json', 'catalog.json'].map((name) => readFileSync(projectPath('importers', 'fixtures-dbt', name), 'utf8'));
const swf = head('LCG-2005-1.swf.gz', 12) + head('LCG-2005-1.swf.gz', 400).split('\n').filter((line) => line !== '' && !line.startsWith(';')).slice(0, 12).join('\n');

/** A file of a kind: its text, and how its cells or values stand in it. */
export interface SampleFile {
  readonly text: string;
  readonly form: 'lines' | 'array' | 'values' | 'text' | { readonly delimiter: string };
}

const surveyRows = Array.from({ length: 8 }, (_, number) => `${number},2020-01-0${number + 1} 10:00:00,198.51.100.${number},ann${number}@example.org,team ${number % 2},${number % 5},"Good, really",R;SQL`).join('\n');
const sessionRows = Array.from({ length: 8 }, (_, number) => `s${number},2024-11-17T1${number}:00:00Z,${number}000,hostile,A film,,FILM,90000,300,12,1,4000,4500.5,tv,CH,ann${number}`).join('\n');

/** A file or two of each kind that is imported. */
export const FILES: Readonly<Record<string, readonly SampleFile[]>> = {
  cloudevents: [{ text: CLOUD_EVENTS.map((event) => JSON.stringify(event)).join('\n'), form: 'lines' }, { text: JSON.stringify(CLOUD_EVENTS), form: 'array' }],
  dbt: [{ text: dbt.join('\n'), form: 'values' }],
  'netflix-engagement': [{ text: head('netflix-engagement.csv.gz', 12), form: { delimiter: ',' } }],
  'netflix-top10': [{ text: head('netflix-top10-global.tsv.gz', 12), form: { delimiter: '\t' } }],
  openlineage: [{ text: wrapped.slice(0, 6).map((event) => JSON.stringify(event)).join('\n'), form: 'lines' }, { text: JSON.stringify(LINEAGE.slice(0, 8)), form: 'array' }],
  'playback-sessions': [{ text: `id,started_at,watched_ms,namespace,title,season,kind,duration_ms,startup_ms,rebuffer_ms,rebuffer_count,bytes,bitrate_kbps,device,country,user\n${sessionRows}\n`, form: { delimiter: ',' } }],
  'scrape-history': [{ text: head('netflix-top10-scrape-runs.jsonl.gz', 6), form: 'lines' }, { text: head('netflix-top10-scrape-job-history.json.gz', 500), form: 'array' }],
  survey: [
    { text: `Response ID,Date Submitted,IP Address,Email Address,Team,How likely are you to recommend us? (0 - 10),How was it?,Which do you use?\n${surveyRows}\n`, form: { delimiter: ',' } },
    { text: head('jupyter-2020-surveymonkey.csv.gz', 4), form: { delimiter: ',' } },
  ],
  swf: [{ text: swf, form: 'text' }, { text: swf, form: { delimiter: '  ' } }],
};
