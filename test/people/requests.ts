import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { projectPath } from '../../kit/project.ts';
import { RECEIVERS } from '../../subgraphs/intake/events.ts';
import { withOtherPeople } from './values.ts';

/** A request with what it says of people and secrets. */
export interface PersonalRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const json = (path: string, value: unknown, type = 'application/json'): PersonalRequest => ({ path, headers: { 'content-type': type }, body: JSON.stringify(value) });

const recorded = (...parts: readonly string[]): unknown[] => readFileSync(projectPath('test', 'emitters', ...parts), 'utf8').trim().split('\n').flatMap((line) => JSON.parse(line) as unknown);
const published = (name: string): unknown[] => gunzipSync(readFileSync(projectPath('sample', 'facts', name))).toString().trim().split('\n').map((line) => (JSON.parse(line) as { event: unknown }).event);

/** Values that stand nowhere else, each under a name or in a form that is declared; what is made with it is remembered. */
function createPeople(): { readonly values: string[]; readonly secret: (what: string) => string; readonly mail: () => string } {
  const values: string[] = [];
  const secret = (what: string): string => {
    const value = `Zq${values.length}x${what}`;
    values.push(value);
    return value;
  };
  return { values, secret, mail: () => `${secret('mail')}@corp.example` };
}

/** The fixtures of dbt, by people of this file. */
const artifact = (name: string): string => readFileSync(projectPath('importers', 'fixtures-dbt', name), 'utf8');

const { values, secret, mail } = createPeople();
/** A number that stands nowhere else. */
const number = (): number => {
  const value = 7_391_000_000 + values.length * 7_919;
  values.push(String(value));
  return value;
};
export const MADE: readonly string[] = values;

/** What emitters sent, by other people than those who ran them. */
export const SENT: readonly unknown[] = [
  ...published('openlineage-handwritten.jsonl.gz'), ...published('openlineage-recorded-runs.jsonl.gz'),
  ...recorded('airflow', 'recorded', 'nightly.ndjson'), ...recorded('dbt', 'recorded', 'artifacts.ndjson'), ...recorded('spark', 'recorded', 'figures.ndjson'),
].map((event) => withOtherPeople(event, () => secret('sent')));

/** Reports that real players sent. */
export const REPORTS: readonly string[] = ['hls', 'dashjs', 'shaka'].map((player) => readFileSync(projectPath('test', 'emitters', 'players', 'recorded', `${player}.cmcd`), 'utf8'));

const time = '2024-11-17T10:00:00Z';
const people = (): Record<string, unknown> => ({
  user: secret('user'), userName: secret('login'), email: mail(), firstName: secret('Ann'), recipientLastName: secret('Lee'), password: secret('pass'), apiKey: secret('key'), access_token: secret('token'),
  clientSecret: secret('secret'), authorization: `Bearer ${secret('bearer')}`, ipAddress: secret('address'), phoneNumber: secret('phone'), latitude: secret('place'), note: `ask ${mail()}`,
  userId: number(), postcode: number(), votes: { [mail()]: 1 }, list: [{ dbPassword: [secret('word')], mail: [mail()] }],
  url: `postgres://${secret('dbuser')}:${secret('dbpass')}@db.example/x`, env: { HOME: secret('home') }, environmentVariables: [{ name: 'TOKEN', value: secret('variable') }],
});

const lineage = (runId: string, more: object = {}): Record<string, unknown> => ({
  eventTime: time, eventType: 'COMPLETE', producer: 'https://example.com', schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
  run: { runId, facets: { airflowDagRun: { dagRun: { conf: people(), triggering_user_name: secret('trigger') } }, environmentVariables: { environmentVariables: [{ name: 'SECRET', value: secret('value') }] }, spark_properties: { properties: { 'spark.hadoop.fs.s3a.secret.key': secret('s3') } }, errorMessage: { message: `failed for ${mail()}`, programmingLanguage: 'SQL', stackTrace: `at ${mail()}` } } },
  job: { namespace: 'people', name: 'j', facets: { ownership: { owners: [{ name: mail(), type: 'MAINTAINER' }] }, documentation: { description: `by ${mail()}` }, sql: { query: `select * from t where mail = '${mail()}'` } } },
  inputs: [{ namespace: 'people', name: 'd', facets: { dataSource: { name: 'x', uri: `mysql://${secret('source')}:${secret('word')}@h/d` }, ownership: { owners: [{ name: mail() }] } } }],
  ...more,
});

const session = (id: string, more: object = {}): Record<string, unknown> => ({ source: '/people', id, namespace: 'people', show: { title: 'A film', kind: 'FILM' }, startedAt: time, watchedMs: 60_000, ...people(), ...more });
const team = (): Record<string, unknown> => ({ source: '/people', id: 't1', name: 'drama', description: `ask ${mail()}`, members: [secret('member'), mail()], ...people() });
const response = (responseId: string | null, more: object = {}): Record<string, unknown> => ({ ...(responseId !== null && { responseId }), answeredAt: time, team: 'drama', user: secret('answerer'), answers: [{ question: 'q', value: `write to ${mail()}` }], about: people(), ...more });
const envelope = (type: string, id: string, data: unknown): Record<string, unknown> => ({ specversion: '1.0', type, source: '/people', id, time, data });
const survey = '/surveys/people:happy:2024/responses';
const key = { survey: { namespace: 'people', name: 'happy', edition: '2024' } };

const report = (sn: number, rest: string): string => `cid="A film",e=rr,sid="people",sn=${sn},sta=p,ts=1731837600000,url="https://${secret('cdnuser')}:${secret('cdnpass')}@cdn.example/a.mp4?who=${mail()}",com.example-email="${mail()}",v=2${rest}`;
const rows = (column: () => string): string => Array.from({ length: 6 }, (_, number) => `${secret(`r${number}`)},2020-01-0${number + 1} 10:00:00,${secret('ip')},${mail()},${secret('First')},Good,"call ${mail()}",${column()}`).join('\n');
const SURVEY_HEADER = 'Respondent ID,Date Submitted,IP Address,Email Address,First Name,How was it?,Why?,Phone Number';

/** Requests to every receiver: taken, refused for a field, and unreadable. */
export const REQUESTS: readonly PersonalRequest[] = [
  json('/api/v1/lineage', lineage('people-1')),
  json('/api/v1/lineage', lineage('people-2', { eventTime: 'never' })),
  json('/api/v1/lineage/batch', [lineage('people-3'), lineage('people-4', { job: { name: 7, email: mail() } }), secret('no-event').replace(/.*/, (text) => `${text}@corp.example`)]),
  { ...json('/api/v1/lineage', null), body: `{"user": "${secret('broken')}", "mail": "${mail()}"` },
  { path: '/cmcd', headers: { 'content-type': 'application/cmcd' }, body: `${report(1, '')}\n${report(2, ',E=1')}\n${report(3, '').replace('v=2', 'v=1')}\n` },
  json('/events', envelope('loopgraph.playback-session', 's1', session('s1')), 'application/cloudevents+json'),
  json('/events', envelope('loopgraph.playback-session', 's2', session('s2', { watchedMs: mail() })), 'application/cloudevents+json'),
  json('/events', [envelope('loopgraph.team', 't1', team()), envelope('loopgraph.team', 't2', { ...team(), name: 7 }), envelope('loopgraph.survey-response', 'a1', { ...response('z1'), ...key }), envelope('com.example.change', 'c1', people()), envelope('', 'c2', people()), { ...envelope('loopgraph.team', 't4', team()), specversion: '0.3' }, { ...envelope('loopgraph.survey-response', 'a2', { ...response(secret('response')), ...key }), specversion: 7 }, envelope('com.example.bytes', 'c3', undefined)], 'application/cloudevents-batch+json'),
  { path: '/events', headers: { 'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-type': 'com.example.binary', 'ce-source': '/people', 'ce-id': 'b1', 'ce-subject': mail(), 'ce-user': secret('extension') }, body: JSON.stringify(people()) },
  { path: '/events', headers: { 'content-type': 'text/plain', 'ce-specversion': '1.0', 'ce-type': 'com.example.text', 'ce-source': '/people', 'ce-id': 'b2' }, body: `ask ${mail()}` },
  json('/events', { ...envelope('com.example.xml', 'x1', undefined), datacontenttype: 'application/xml', data_base64: Buffer.from(`<a>${mail()}</a>`).toString('base64') }, 'application/cloudevents+json'),
  { ...json('/events', null, 'application/cloudevents+json'), body: `[{"user": "${secret('broken')}" "mail": "${mail()}"}]` },
  ...Array.from({ length: 6 }, (_, number) => json(survey, response(secret(`response${number}`)))),
  json(survey, response(null)),
  json(survey, response(secret('response'), { answers: mail() })),
  { ...json(survey, null), body: `{"user": "${secret('broken')}",` },
  { path: `${survey}?whole=false`, headers: { 'content-type': 'text/csv' }, body: `${SURVEY_HEADER}\n${rows(() => secret('tel'))}\n` },
  { path: '/subgraphs/viewing/events', headers: {}, body: [{ kind: 'playback-session', event: session('s3') }, { kind: 'playback-session', event: session('s4', { startedAt: mail() }) }, { kind: mail(), event: {} }].map((line) => JSON.stringify(line)).join('\n') },
  { path: '/subgraphs/platform/events', headers: {}, body: JSON.stringify({ kind: 'log-run', event: { source: 'people', number: 1, namespace: 'people', job: 'j', startedAt: time, user: secret('runner'), extra: people() } }) },
  { path: '/subgraphs/feedback/events', headers: {}, body: `${JSON.stringify({ kind: 'team', event: { ...team(), id: 't3', name: 'news' } })}\n{"kind": "team", "event": {"members": ["${secret('lost')}"` },
  { path: '/import/survey?name=export&edition=1', headers: {}, body: gzipSync(`${SURVEY_HEADER}\n${rows(() => secret('tel'))}\n`) },
  { path: '/import/playback-sessions', headers: {}, body: `id,started_at,watched_ms,title,user,email,ip_address\np1,${time},60000,A film,${secret('viewer')},${mail()},${secret('ip')}\np2,${mail()},60000,A film,${secret('viewer')},${mail()},${secret('ip')}\n` },
  { path: '/import/openlineage', headers: {}, body: `${JSON.stringify(lineage('people-5'))}\n{"eventTime": "${time}", "user": "${secret('broken')}", "mail": ${mail()}}\n` },
  { path: '/import/cloudevents', headers: {}, body: `${JSON.stringify(envelope('com.example.file', 'f1', people()))}\n${JSON.stringify(envelope('loopgraph.playback-session', 'f2', session('f2', { user: 7, watchedMs: 'x' })))}\n` },
  { path: '/import/openlineage', headers: { accept: 'application/x-ndjson' }, body: `${JSON.stringify(lineage('people-6'))}\n${JSON.stringify(lineage('people-7', { eventTime: mail() }))}\n` },
  { path: '/import/dbt', headers: {}, body: artifact('run_results-run.json').replace('"message": "OK"', `"message": "ask ${mail()}"`).replace('"status": "error"', `"status": "${mail()}"`) + artifact('run_results-build.json').replace(/"message": "[^"]*error[^"]*"/i, () => `"message": "as ${mail()}"`) + artifact('manifest.json').replace('"owner": "playback"', `"owner": "${mail()}"`).replace('Sessions as they were played.', `Ask ${mail()}`) },
  { path: '/import/dbt', headers: {}, body: `{"user": ${secret('')}}` },
  { path: '/import/dbt', headers: {}, body: `{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/sources/v3.json", "user": "${mail()}"}}` },
  { path: '/import/scrape-history?namespace=people', headers: {}, body: [
    { commit: 'aaaa', committed_at: time, by: 'bot', workflow_blob: 'w', outputs: [{ path: 'x.csv', header: mail(), first_line: `1,${mail()}`, ...people() }], message: `by ${mail()}`, ...people() },
    { commit: 'bbbb', committed_at: time, by: secret('author'), outputs: [{ path: 'x.csv' }], author: mail() },
    { commit: 'cccc', committed_at: mail(), by: 'bot' },
    { from_commit: 'dddd', from: time, workflow_blob: 'v', reads_urls_to_files: [[`https://${secret('webuser')}:${secret('webpass')}@web.example/x`, 'x.csv']], ...people() },
  ].map((line) => JSON.stringify(line)).join('\n') },
  { path: '/import/swf?namespace=people', headers: {}, body: `; UnixStartTime: 1731837600\n; Acknowledge: ${secret('Keeper')} - ${mail()}\n; User: 3 ${secret('login')}\n; User: 4 ${mail()}\n1 10 5 60 1 -1 -1 -1 -1 -1 1 3 7 -1 2 -1 -1 -1\n2 10 5 60 1 -1 -1 -1 -1 -1 1 4 7 -1 2 -1 -1 -1\n3 10 ${mail()} 60 1 -1 -1 -1 -1 -1 1 3 7 -1 2 -1 -1 -1\n` },
  { path: '/import/netflix-engagement', headers: {}, body: `report,title,hours_viewed,views,runtime,user,email,note,ip_address\n2023Jan-Jun,A film,100000,1,1:25,${secret('editor')},${mail()},ask ${mail()},${secret('ip')}\n2023Jan-Jun,B,${mail()},1,1:25,${secret('editor')},${mail()},,\n` },
  { path: '/import/netflix-top10', headers: {}, body: `week\tcategory\tweekly_rank\tshow_title\tseason_title\tweekly_hours_viewed\tuser\tclient_ip\tnote\n2024-11-17\tFilms (English)\t1\tA film\tN/A\t24600000\t${secret('editor')}\t${secret('ip')}\task ${mail()}\n${mail()}\tFilms (English)\t1\tB\tN/A\t1\t\t\t\n` },
  { path: '/import/cloudevents', headers: {}, body: mail() },
  { path: '/import/survey?name=other&edition=1', headers: {}, body: `[{"user": "${mail()}"` },
  { path: '/events', headers: { 'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-type': 'loopgraph.team', 'ce-source': '/people', 'ce-id': 'b3' }, body: JSON.stringify({ ...team(), name: 7 }) },
];

/** What was refused is sent again, and is refused again or not. */
export const AGAIN: readonly PersonalRequest[] = [...RECEIVERS.map((receiver) => json('/refusals/resend', { receiver })), json('/refusals/resend', { type: 'com.example.change' }), json('/refusals/resend', { ids: [mail()] })];

/** A file that a program reads by itself. */
export const LINES = `${JSON.stringify(lineage('people-8'))}\n${JSON.stringify(lineage('people-9', { eventTime: mail() }))}\n{"user": "${secret('broken')}", "mail": ${mail()}}\n`;
