import { createHash } from 'node:crypto';
import { isJsonObject } from '../kit/ingest/json-object.ts';
import { addDays, isCalendarDate, parseInstant } from '../kit/ingest/time.ts';
import { shown } from './cells.ts';
import { toUnreadable, type Importer, type Parameters, type Row } from './importer.ts';
import { readJsonValues, toWrongKind } from './json-values.ts';

/**
 * The history of a scheduled job that commits what it scrapes, read off its repository: a line a commit. A commit by the
 * job is a run that completed; a commit by a person is no run, and becomes a job event, which tells of the job's version
 * and of the datasets that it writes. A file of the job's own history (an array of its workflow's versions) becomes job
 * events as well, with the addresses that it reads.
 */
const PRODUCER = 'https://loopgraph.dev/importers/scrape-history';
const EXPECTED = 'lines {commit, committed_at, by, outputs} or an array of {from_commit, from, workflow_blob, reads_urls_to_files}';

type Body = Readonly<Record<string, unknown>>;
const isRun = (value: unknown): value is Body => isJsonObject(value) && 'commit' in value && 'committed_at' in value;

/** A commit by the job: by `bot`, by an account of that kind such as `github-actions[bot]`, or where nobody is named. */
function isByJob(by: unknown): boolean {
  return typeof by !== 'string' || by.trim() === '' || /\bbot\b|^github[- ]actions?$|^automat(?:ed|ion|ic)$|^(?:schedule[dr]?|cron|job|machine|ci)$/i.test(by.trim());
}

/** How the histories say that a commit is not the job's without saying whose it is. */
const isSomebody = (by: unknown): boolean => isByJob(by) || /^(?:human|person|people|manual(?:ly)?)$/i.test(String(by).trim());

const isVersion = (value: unknown): value is Body => isJsonObject(value) && 'from_commit' in value && 'from' in value;

const facet = (body: Body): Body => ({ _producer: PRODUCER, _schemaURL: `${PRODUCER}#facet`, ...body });
const rest = (body: Body, known: readonly string[]): Body => Object.fromEntries(Object.entries(body).filter(([key]) => !known.includes(key)));

/** A UUID (version 8 of RFC 9562) that the same namespace, job and commit give everywhere. */
function toRunId(...parts: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

interface Names {
  readonly namespace: string;
  readonly job: string;
}

const namesOf = (parameters: Parameters): Names => ({
  namespace: parameters['namespace'] ?? 'netflix-top10',
  job: parameters['job'] ?? 'Scrape Netflix Top 10',
});

/**
 * The days that an output's weeks cover. A week is named by the day that ends it, as in Netflix's files, unless that is a
 * Monday, which begins one.
 */
function periodOf(output: Body): Body {
  const [min, max] = [output['min_week'], output['max_week']];
  if (typeof min === 'string' && typeof max === 'string' && isCalendarDate(min) && isCalendarDate(max)) {
    const beginsOnMonday = new Date(`${min}T00:00:00Z`).getUTCDay() === 1;
    return beginsOnMonday
      ? { firstPeriodOn: min, lastPeriodOn: addDays(max, 6), cadenceDays: 7 }
      : { firstPeriodOn: addDays(min, -6), lastPeriodOn: max, cadenceDays: 7 };
  }
  // Whatever the column of periods is called: the first pair that holds days, or moments, whose days are taken.
  for (const key of ['min_date', ...Object.keys(output)]) {
    if (!key.startsWith('min_')) continue;
    const [first, last] = [dayOf(output[key]), dayOf(output[`max_${key.slice(4)}`])];
    if (first !== null || last !== null) return { ...(first === null ? {} : { firstPeriodOn: first }), ...(last === null ? {} : { lastPeriodOn: last }) };
  }
  return {};
}

function dayOf(value: unknown): string | null {
  const day = typeof value === 'string' && (isCalendarDate(value) || parseInstant(value) !== null) ? value.slice(0, 10) : null;
  return day !== null && isCalendarDate(day) ? day : null;
}

/** The hash that git gives a file without a byte, in either of its formats: its content is known without being recorded. */
/** A text as it is, a number as its digits; nothing for what else JSON can hold there. */
const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

const EMPTY_BLOBS = new Set(['e69de29bb2d1d6434b8b29ae775ad8c2e48c5391', '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813']);

const CONTENT_KEYS = ['path', 'git_blob', 'bytes', 'lines', 'header', 'first_line'];

function toOutput(output: Body, namespace: string): Body {
  const content = facet({
    header: output['header'] ?? null,
    firstLine: output['first_line'] ?? null,
    bytes: output['bytes'] ?? (EMPTY_BLOBS.has(textOf(output['git_blob'])) ? 0 : null),
    lines: output['lines'] ?? null,
    contentHash: output['git_blob'] ?? output['sha256'] ?? null,
    ...periodOf(output),
    ...rest(output, CONTENT_KEYS),
  });
  return { namespace, name: output['path'], outputFacets: { loopgraph_content: content } };
}

function toEvent(run: Body, { namespace, job }: Names): Body {
  const outputs = (Array.isArray(run['outputs']) ? run['outputs'] : []).filter(isJsonObject);
  const version = run['workflow_blob'];
  const jobFacets = typeof version === 'string' ? { sourceCodeLocation: facet({ type: 'git', url: PRODUCER, version }) } : {};
  const { by } = run;
  // A name is a person's, and is declared to be one.
  const history = facet({ ...rest(run, ['committed_at', 'outputs', 'workflow_blob']), ...(isSomebody(by) ? {} : { by: 'human', user: by }) });
  const shared = { eventTime: run['committed_at'], producer: PRODUCER };
  if (!isByJob(run['by'])) {
    return {
      ...shared,
      schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent',
      job: { namespace, name: job, facets: { ...jobFacets, loopgraph_commit: history } },
      outputs: outputs.map((output) => ({ namespace, name: output['path'] })),
    };
  }
  return {
    ...shared,
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    eventType: 'COMPLETE',
    run: { runId: toRunId(namespace, job, textOf(run['commit'])), facets: { loopgraph_commit: history } },
    job: { namespace, name: job, facets: jobFacets },
    outputs: outputs.map((output) => toOutput(output, namespace)),
  };
}

/** The dataset of a web address, as OpenLineage names them: scheme and host, then the path. */
function toInput(address: string): Body[] {
  const [first = ''] = address.trim().split(/\s+/);
  if (!URL.canParse(first)) return [];
  const { protocol, host, pathname } = new URL(first);
  return [{ namespace: `${protocol}//${host}`, name: pathname }];
}

function toVersionEvent(version: Body, { namespace, job }: Names): Body {
  const pairs = (Array.isArray(version['reads_urls_to_files']) ? version['reads_urls_to_files'] : []).filter(Array.isArray);
  const blob = version['workflow_blob'];
  return {
    eventTime: version['from'],
    producer: PRODUCER,
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent',
    job: {
      namespace,
      name: job,
      facets: {
        ...(typeof blob === 'string' ? { sourceCodeLocation: facet({ type: 'git', url: PRODUCER, version: blob }) } : {}),
        loopgraph_workflow: facet(rest(version, ['from'])),
      },
    },
    inputs: pairs.flatMap((pair: unknown[]) => toInput(textOf(pair[0]))),
    outputs: pairs.flatMap((pair: unknown[]) => (typeof pair[1] === 'string' ? [{ namespace, name: pair[1] }] : [])),
  };
}

function toRow(line: number, value: unknown, names: Names): Row {
  const reject = (field: string, message: string): Row => ({ line, rejected: { code: 'ROW_INVALID', field, message } });
  if (isVersion(value)) {
    if (typeof value['from'] !== 'string' || parseInstant(value['from']) === null) return reject('from', `expected an instant, got ${shown(textOf(value['from']))}`);
    const job = typeof value['name'] === 'string' && value['name'] !== '' ? value['name'] : names.job;
    return { line, kind: 'openlineage', event: toVersionEvent(value, { ...names, job }) };
  }
  if (!isRun(value)) return reject('commit', 'expected an object with commit and committed_at, got another');
  const { commit, committed_at: at, outputs } = value;
  if (typeof commit !== 'string' || commit === '') return reject('commit', `expected a commit's hash, got ${shown(textOf(commit))}`);
  if (typeof at !== 'string' || parseInstant(at) === null) return reject('committed_at', `expected an instant, got ${shown(textOf(at))}`);
  if (outputs !== undefined && !Array.isArray(outputs)) return reject('outputs', 'expected a list, got something else');
  const unnamed = (outputs ?? []).findIndex((output: unknown) => !isJsonObject(output) || typeof output['path'] !== 'string' || output['path'] === '');
  if (unnamed !== -1) return reject(`outputs.${unnamed}.path`, 'expected the path of the file, got none');
  return { line, kind: 'openlineage', event: toEvent(value, names) };
}

/** The public history of a job that scrapes into a git repository. */
export const scrapeHistory: Importer = {
  kind: 'scrape-history',
  description: 'the history of a scheduled job that commits what it scrapes: a line a commit with its outputs, or the versions of its workflow',
  parameters: {
    namespace: 'the namespace of the job and of its outputs; netflix-top10',
    job: "the job's name; Scrape Netflix Top 10",
  },
  async *read(bytes, parameters) {
    const names = namesOf(parameters);
    let isKnown = false;
    for await (const row of readJsonValues(bytes, EXPECTED)) {
      const { line } = row;
      if ('problem' in row) {
        yield toUnreadable(row);
        continue;
      }
      if (!isKnown && !isRun(row.value) && !isVersion(row.value)) throw toWrongKind(EXPECTED, row.value, line);
      isKnown = true;
      yield toRow(line, row.value, names);
    }
  },
};
