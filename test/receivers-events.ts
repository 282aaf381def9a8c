import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { projectPath } from '../kit/project.ts';

/** One thing that a receiver takes: an event, a line of a player, an answer, or a file, which is sent as it is. */
export type Unit =
  | { readonly receiver: 'lineage' | 'events'; readonly event: Readonly<Record<string, unknown>> }
  | { readonly receiver: 'cmcd'; readonly line: string }
  | { readonly receiver: 'answer'; readonly event: Readonly<Record<string, unknown>> }
  | { readonly receiver: 'file'; readonly path: string; readonly type: string; readonly body: string };

const START = Date.parse('2024-05-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const toTime = (hours: number): string => new Date(START + hours * HOUR_MS).toISOString();

const COLUMN = (field: string): object => ({ fields: { made: { inputFields: [{ namespace: 'o', name: 'raw', field }] } } });
const GONE = { _deleted: true };

interface Said {
  readonly run: number;
  readonly hours: number;
  readonly type: string;
  readonly runFacets?: object;
  readonly jobFacets?: object;
  readonly outputs?: readonly object[];
}

const toRun = ({ run, hours, type, runFacets = {}, jobFacets = {}, outputs = [] }: Said): Unit => ({
  receiver: 'lineage',
  event: {
    eventTime: toTime(hours), eventType: type, producer: 'https://example.org/order', run: { runId: `run-${run}`, facets: runFacets },
    job: { namespace: 'o', name: `job ${run % 7}`, facets: jobFacets }, inputs: [{ namespace: 'o', name: 'raw' }], outputs,
  },
});
const under = (parent: number, root?: number): object => ({ parent: { run: { runId: `run-${parent}` }, ...(root === undefined ? {} : { root: { run: { runId: `run-${root}` } } }) } });
/** An output whose content was looked at: a header and so many rows. */
const written = (rows: number, hash: string, facets: object): object => ({
  namespace: 'o', name: 'made', facets, outputFacets: { loopgraph_content: { header: 'made,other', firstLine: null, lines: rows + 1, bytes: 1_000, contentHash: hash } },
});

/** Trees of runs, whose tops say a team; chains of outputs that go bad and recover; schemas, columns and what deletes them. */
const LINEAGE: readonly Unit[] = [
  ...[0, 1, 2, 3].flatMap((tree) => [
    toRun({ run: tree * 7, hours: tree * 30, type: 'START', runFacets: tree === 3 ? {} : { loopgraph_team: { name: `team ${tree}` } } }),
    toRun({ run: tree * 7 + 1, hours: tree * 30 + 1, type: 'START', runFacets: { ...under(tree * 7), loopgraph_user: { user: `person ${tree % 2}` } } }),
    toRun({ run: tree * 7 + 2, hours: tree * 30 + 1.5, type: 'START', runFacets: under(tree * 7 + 1, tree * 7) }),
    toRun({ run: tree * 7 + 2, hours: tree * 30 + 2, type: tree % 2 === 0 ? 'COMPLETE' : 'FAIL', runFacets: { focus_cost: { BilledCost: 1.25 + tree, BillingCurrency: 'USD', ServiceName: 'compute' } } }),
    toRun({ run: tree * 7, hours: tree * 30 + 3, type: 'COMPLETE', jobFacets: { documentation: { description: `as of ${tree}` } } }),
  ]),
  ...[100, 100, 3, 2, 90, 4].map((rows, place) =>
    toRun({ run: 35 + place * 7, hours: 200 + place, type: 'COMPLETE', outputs: [written(rows, `h${place}`, { schema: { fields: [{ name: place % 2 === 0 ? 'made' : 'other', type: 'INT' }] }, columnLineage: COLUMN(`f${place}`) })] }),
  ),
  ...[204.5, 201.5].map((hours): Unit => ({ receiver: 'lineage', event: { eventTime: toTime(hours), producer: 'https://example.org/order', dataset: { namespace: 'o', name: 'made', facets: { columnLineage: hours > 204 ? COLUMN('late') : GONE, schema: { fields: [{ name: `at${hours}` }] } } } } })),
  { receiver: 'lineage', event: { eventTime: toTime(300), producer: 'https://example.org/order', job: { namespace: 'o', name: 'job 0', facets: { ownership: { owners: [{ name: 'team:late' }] }, sourceCodeLocation: { version: 'v2', url: 'https://example.org/2' } } } } },
];

const SURVEY = { namespace: 'o', name: 'n', edition: '2024' };
const toResponse = (number: number): Readonly<Record<string, unknown>> => ({
  responseId: `${number}`, answeredAt: toTime(number), user: `person ${number % 5}`, team: `team ${number % 2}`,
  answers: [{ question: 'q', value: number % 3 === 0 ? 'yes' : 'no' }, { question: 's', value: 1 + (number % 6) }],
});

const CLOUD: readonly (readonly [type: string, data: Readonly<Record<string, unknown>>])[] = [
  ['loopgraph.show', { namespace: 'o', title: 'A', team: 'team 0', datasets: [{ namespace: 'o', name: 'made' }] }],
  ['loopgraph.show', { namespace: 'o', title: 'A', team: 'team 1' }],
  ['loopgraph.show', { namespace: 'p', title: 'A', matchTitle: 'A' }],
  ...Array.from({ length: 14 }, (_, place) => [
    'loopgraph.playback-session',
    { namespace: 'o', startedAt: toTime(place * 0.4), watchedMs: 1_000 * place * place, show: { title: place % 3 === 0 ? 'B' : 'A' }, user: `viewer ${place % 4}`, device: ['tv', 'phone'][place % 2], country: ['DE', 'IN', 'DE', 'NP'][place % 4], startupMs: 10 * place, rebufferMs: place },
  ] as const),
  ['loopgraph.published-report', { namespace: 'o', report: 'R', title: 'A', period: { from: '2024-05-01', to: '2024-05-08' }, hoursViewed: 7, publishedAt: '2024-05-09T00:00:00Z' }],
  ['loopgraph.published-report', { namespace: 'o', report: 'R', title: 'A', period: { from: '2024-05-01', to: '2024-05-08' }, hoursViewed: 8, publishedAt: '2024-05-10T00:00:00Z' }],
  ['loopgraph.published-report', { namespace: 'p', report: 'S', title: 'A', period: { from: '2024-05-01', to: '2024-05-08' }, hoursViewed: 8, publishedAt: '2024-05-10T00:00:00Z' }],
  ['loopgraph.team', { name: 'team 0', memberCount: 3, at: toTime(0), members: ['person 0', 'person 1'] }],
  ['loopgraph.team', { name: 'team 0', memberCount: 4, at: toTime(9), members: ['person 0'] }],
  ['loopgraph.team', { name: 'team 1', at: toTime(5), members: ['person 1', 'person 2'] }],
  // Closed long ago: while an edition is open it shows steps of five answers, and which answers make a step is their arrival's to say.
  ['loopgraph.survey', { ...SURVEY, whole: true, at: toTime(0), questions: [{ id: 'q', text: 'Q', kind: 'SINGLE_CHOICE', options: ['yes', 'no'] }] }],
  ['loopgraph.survey', { ...SURVEY, whole: true, at: toTime(1), invited: 40, openedOn: '2024-05-01', closedOn: '2024-05-20', questions: [{ id: 'q', text: 'Q', kind: 'SINGLE_CHOICE', options: ['yes', 'no'] }, { id: 's', text: 'S', kind: 'SCALE', scale: { min: 1, max: 5 } }] }],
  ...Array.from({ length: 9 }, (_, place) => ['loopgraph.survey-response', { survey: SURVEY, ...toResponse(place) }] as const),
  ['com.example.change', { what: 'a' }],
  ['com.example.change', { what: 'b', mail: 'ann@example.org' }],
  ['com.example.other', { what: 'c' }],
];

const toCloudEvent = ([type, data]: (typeof CLOUD)[number], place: number): Unit => ({
  receiver: 'events',
  event: { specversion: '1.0', id: `${place}`, source: '/order', type, time: toTime(place), data },
});

/** What is refused, sent once in every order: a refusal counts how often it came, so a repeat of it is another answer. */
export const REFUSED: readonly Unit[] = [
  { receiver: 'lineage', event: { eventTime: 'yesterday', run: { runId: 'bad' }, job: { namespace: 'o', name: 'bad' } } },
  { receiver: 'events', event: { specversion: '1.0', id: 'bad', source: '/order', type: 'loopgraph.show', data: { namespace: 'o' } } },
  { receiver: 'cmcd', line: 'e=t,v=1,ts=1795543031729' },
  { receiver: 'answer', event: { answers: [] } },
  { receiver: 'file', path: '/import/playback-sessions', type: 'text/csv', body: 'id,started_at,watched_ms\nbad,today,1\n' },
];

const fact = (file: string, lines: number): string => gunzipSync(readFileSync(projectPath('sample', 'facts', file))).toString('utf8').split('\n').slice(0, lines).join('\n');

/** A small file of each kind that is imported, most of them the beginning of a real one. */
async function readFiles(): Promise<readonly Unit[]> {
  const dbt = await Promise.all(['manifest.json', 'run_results-build.json'].map((file) => readFile(projectPath('importers', 'fixtures-dbt', file), 'utf8')));
  const sessions = ['id,started_at,watched_ms,title,kind,device', ...[1, 2, 3].map((id) => `f${id},2024-05-02T0${id}:00:00Z,${id}000,A,FILM,tv`)].join('\n');
  const events = CLOUD.slice(0, 3).map((each, place) => JSON.stringify((toCloudEvent(each, place) as { readonly event: unknown }).event)).join('\n');
  const grid = fact('LCG-2005-1.swf.gz', 100_000).split('\n').filter((line, place, all) => line.startsWith(';') || place < all.findIndex((each) => !each.startsWith(';')) + 20);
  const files: readonly (readonly [path: string, body: string])[] = [
    ['/import/cloudevents', events],
    ['/import/dbt', dbt.join('\n')],
    ['/import/netflix-engagement', fact('netflix-engagement.csv.gz', 8)],
    ['/import/netflix-top10', fact('netflix-top10-global.tsv.gz', 11)],
    ['/import/openlineage', fact('openlineage-handwritten.jsonl.gz', 100)],
    ['/import/playback-sessions', sessions],
    ['/import/scrape-history', fact('netflix-top10-scrape-runs.jsonl.gz', 12)],
    ['/import/survey?namespace=o&name=files&edition=2020', fact('jupyter-2020-surveymonkey.csv.gz', 60)],
    ['/import/swf?source=grid', grid.join('\n')],
    ['/surveys/o:exports:2020/responses', fact('jupyter-2020-surveymonkey.csv.gz', 30)],
  ];
  return files.map(([path, body]) => ({ receiver: 'file', path, type: path.startsWith('/surveys') ? 'text/csv' : 'application/octet-stream', body }));
}

/** What all receivers take, each unit once. */
export async function readUnits(): Promise<readonly Unit[]> {
  const players = await Promise.all(['hls', 'dashjs'].map((player) => readFile(projectPath('test', 'emitters', 'players', 'recorded', `${player}.cmcd`), 'utf8')));
  return [
    ...LINEAGE,
    ...CLOUD.map(toCloudEvent),
    ...players.flatMap((text) => text.trim().split('\n')).map((line): Unit => ({ receiver: 'cmcd', line })),
    // The first ones came as CloudEvents too, where the other receiver takes them as repeats of one answer.
    ...Array.from({ length: 14 }, (_, place): Unit => ({ receiver: 'answer', event: toResponse(place + 5) })),
    ...(await readFiles()),
  ];
}
