import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStores } from '../kit/store/test-stores.ts';
import { itWithRealData } from '../kit/test-data.ts';
import type { ResponseEvent, SurveyEvent } from '../subgraphs/feedback/events.ts';
import { createHarness } from '../subgraphs/feedback/fixtures.ts';
import { feedback } from '../subgraphs/feedback/index.ts';
import { FileError, type Parameters, type Row } from './importer.ts';
import { importFile } from './runner.ts';
import { survey } from './survey.ts';

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

interface Read {
  readonly declared: SurveyEvent;
  readonly responses: readonly ResponseEvent[];
  readonly rejected: readonly { line: number; field: string | null }[];
}

async function read(text: string, parameters: Parameters = {}): Promise<Read> {
  const rows: Row[] = [];
  for await (const row of survey.read(bytesOf(text), parameters)) rows.push(row);
  const events = rows.flatMap((row) => ('event' in row ? [row] : []));
  return {
    declared: events.find(({ kind }) => kind === 'survey')?.event as SurveyEvent,
    responses: events.filter(({ kind }) => kind === 'survey-response').map(({ event }) => event as ResponseEvent),
    rejected: rows.flatMap((row) => ('rejected' in row ? [{ line: row.line, field: row.rejected.field }] : [])),
  };
}

const kindsOf = ({ questions }: SurveyEvent): string[] => questions.map(({ kind, text, row }) => `${kind} ${text}${row ? ` / ${row}` : ''}`);
const repeat = (times: number, row: (n: number) => string): string => Array.from({ length: times }, (_, n) => row(n)).join('\n');

describe('a survey export', () => {
  it('is read with a byte order mark, carriage returns, markup and line ends in its header', async () => {
    const text = `\uFEFFTimestamp,"<b>Which</b> tools&nbsp;do\nyou use?",Team\r\n2020/01/29 3:02:25 pm CET,SQL;Python,a\r\n`;
    const { declared, responses } = await read(text, { name: 'tools' });
    expect(declared).toMatchObject({ name: 'tools', edition: '2020', namespace: 'default', whole: true });
    expect(kindsOf(declared)).toEqual(['TEXT Which tools do you use?']);
    expect(responses).toMatchObject([{ answeredAt: '2020-01-29T14:02:25.000Z', team: 'a', answers: [{ value: 'SQL;Python' }] }]);
  });

  it('finds choices, lists, grids, a stated scale and free text', async () => {
    const header = 'Timestamp,How often?,Which?,"Rate [Speed]","Rate [Ease]","How satisfied are you? (1-5)","On a scale from 0 to 10, would you recommend it?",Why?';
    const rows = repeat(20, (n) => `2020-01-01 00:00:${10 + n},${n % 2 ? 'Daily' : 'Weekly'},${n % 3 ? 'A;B' : 'B'}${n % 5 ? '' : ';C'},Good,Bad,${1 + (n % 5)},${n % 11},because ${n}`);
    const { declared, responses } = await read(`${header}\n${rows}\n`);
    expect(kindsOf(declared)).toEqual([
      'SINGLE_CHOICE How often?',
      'MULTIPLE_CHOICE Which?',
      'GRID Rate / Speed',
      'GRID Rate / Ease',
      'SCALE How satisfied are you? (1-5)',
      'NPS On a scale from 0 to 10, would you recommend it?',
      'TEXT Why?',
    ]);
    expect(declared.questions.map(({ measures }) => measures).filter(Boolean)).toEqual(['satisfaction', 'recommendation']);
    expect(responses[0]?.answers[1]?.values).toEqual(['B', 'C']);
  });

  it('takes a list joined by commas where nearly all its parts are options, but never inside brackets', async () => {
    const rows = repeat(12, (n) => `2020-01-01 00:00:${10 + n},"${n % 2 ? 'Batch (SLURM, PBS), Cloud' : `Cloud, Laptop${n < 4 ? ', Batch (SLURM, PBS)' : ''}`}","well, you know ${n}"`);
    const { declared, responses } = await read(`Timestamp,Where?,Else?\n${rows}\n`);
    expect(kindsOf(declared)[1]).toBe('TEXT Else?');
    expect(responses[1]?.answers[0]).toMatchObject(
      declared.questions[0]?.kind === 'MULTIPLE_CHOICE' ? { values: ['Batch (SLURM, PBS)', 'Cloud'] } : { value: 'Batch (SLURM, PBS), Cloud' },
    );
  });

  it('joins the columns of options that are ticked', async () => {
    const header = 'Respondent ID,1. How long?,2. SQL.,2. Python.\n';
    const rows = repeat(10, (n) => `${n},${n % 2 ? 'Long' : 'Short'},${n % 3 ? 'SQL.' : ''},${n % 2 ? 'Python.' : ''}`);
    const { declared, responses } = await read(header + rows);
    expect(kindsOf(declared)).toEqual(['SINGLE_CHOICE 1. How long?', 'MULTIPLE_CHOICE Question 2']);
    expect(responses[1]).toMatchObject({ responseId: '1', answers: [{ value: 'Long' }, { values: ['SQL.', 'Python.'] }] });
  });

  it("reads SurveyMonkey's two header rows, and drops who it was", async () => {
    const header = [
      'Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,What do you use?,,,How was it?,,Anything else?',
      ',,,,,,,SQL,Python,Other (please specify),Speed,Ease,Open-Ended Response',
    ].join('\n');
    const rows = repeat(12, (n) => `${n},7,01/02/2020 10:00:00 AM,01/02/2020 10:05:00 AM,10.0.0.${n},a${n}@example.org,Ann,SQL,${n % 2 ? 'Python' : ''},${n ? '' : 'R'},${n % 2 ? 'Good' : 'Bad'},Good,text ${n}`);
    const { declared, responses } = await read(`${header}\n${rows}\n`);
    expect(kindsOf(declared)).toEqual(['MULTIPLE_CHOICE What do you use?', 'TEXT What do you use? - Other (please specify)', 'GRID How was it? / Speed', 'GRID How was it? / Ease', 'TEXT Anything else?']);
    expect(responses).toHaveLength(12);
    expect(responses[1]?.answers[0]?.values).toEqual(['SQL', 'Python']);
    expect(responses[0]).toMatchObject({ responseId: '0', answeredAt: '2020-01-02T10:05:00.000Z' });
    expect(JSON.stringify(responses)).not.toMatch(/example\.org|10\.0\.0|Ann/);
  });

  it('gives a question the same id in every edition that words it the same', async () => {
    const first = await read('Timestamp,A?,B?\n2020-01-01 00:00:00,x,y\n');
    const second = await read('Timestamp,B?,C?\n2021-01-01 00:00:00,x,y\n');
    expect(second.declared.questions[0]?.id).toBe(first.declared.questions[1]?.id);
    const twice = await read('Timestamp,A?,A?\n2020-01-01 00:00:00,x,y\n');
    expect(new Set(twice.declared.questions.map(({ id }) => id)).size).toBe(2);
  });

  it('takes name and edition from the file name, so that editions belong together', async () => {
    const text = 'Timestamp,A?\n2020-01-01 00:00:00,x\n';
    expect((await read(text, { fileName: '/x/dask-2019-googleforms.csv.gz' })).declared).toMatchObject({ name: 'dask-googleforms', edition: '2019' });
    expect((await read(text, { fileName: 'pulse.csv' })).declared).toMatchObject({ name: 'pulse', edition: '2020' });
  });

  it('takes what a caller declares over what it infers', async () => {
    const rows = repeat(10, (n) => `2020-01-01 00:00:${10 + n},${1 + (n % 4)}`);
    const questions = JSON.stringify([{ column: 'How easy?', id: 'ease', kind: 'SCALE', scale: { min: 1, max: 4 }, measures: 'satisfaction' }]);
    const { declared, responses } = await read(`Timestamp,How easy?\n${rows}`, { questions, invited: '40', closedOn: '2020-02-01' });
    expect(declared).toMatchObject({ invited: 40, closedOn: '2020-02-01', questions: [{ id: 'ease', kind: 'SCALE', scale: { min: 1, max: 4 }, measures: 'satisfaction' }] });
    expect(responses[0]?.answers).toEqual([{ question: 'ease', value: '1' }]);
    await expect(read('Timestamp,A?\n', { questions: '[{"column":"B?"}]' })).rejects.toMatchObject({ code: 'FILE_BAD_PARAMETER' });
    await expect(read('Timestamp,A?\n', { timeZone: 'Mars' })).rejects.toMatchObject({ code: 'FILE_BAD_PARAMETER' });
  });

  it('takes a declared edition with a part of its columns, and cuts what is declared to be a list', async () => {
    const questions = JSON.stringify([
      { column: 'Rate [Speed]', id: 'speed', kind: 'SCALE', scale: { min: 1, max: 5 } },
      { column: 'Which?', id: 'which', kind: 'MULTIPLE_CHOICE', options: ['A', 'B, C'] },
      { column: 'Not here', kind: 'TEXT', optional: true },
    ]);
    const { declared, responses } = await read('Timestamp,Rate [Speed],Rate [Ease],Which?\n2020-01-01 00:00:00,4,4,"B, C"\n2020-01-01 00:00:00,4,4,A;D\n', { questions });
    expect(declared.questions.map(({ id, kind }) => [id, kind]).filter(([id]) => (id ?? '').length < 10)).toEqual([['speed', 'SCALE'], ['which', 'MULTIPLE_CHOICE']]);
    expect(responses.map(({ answers }) => answers.find(({ question }) => question === 'which')?.values)).toEqual([['B, C'], ['A', 'D']]);
  });

  it('takes whom and what an answer is about from the columns that a caller names', async () => {
    const text = 'Timestamp,Squad,Which job?,Which table?,Which show?,A?\n2020-01-01 00:00:00,a,nightly,facts,Dark,x\n2020-01-01 00:00:00,,,,,x\n';
    const columns = { team: 'Squad', job: 'Which job?', dataset: 'Which table?', show: 'Which show?', aboutNamespace: 'etl' };
    const { declared, responses } = await read(text, { ...columns, whole: 'false' });
    expect(declared.whole).toBe(false);
    expect(kindsOf(declared)).toEqual(['TEXT A?']);
    const thing = { namespace: 'etl', name: 'nightly' };
    expect(responses[0]).toMatchObject({ team: 'a', job: thing, dataset: { ...thing, name: 'facts' }, show: { namespace: 'etl', title: 'Dark' } });
    expect(Object.keys(responses[1] ?? {})).toEqual(['survey', 'row', 'answeredAt', 'answers', 'about']);
  });

  it('names the line of a row that cannot be read, and takes the others', async () => {
    const { responses, rejected } = await read('Timestamp,"A\n?",B\n2020-01-01 00:00:00,x,y\nyesterday,x,y\n2020-01-01 00:00:00,x\n\n,,\n2020-01-02 00:00:00,x,y\n');
    expect(responses).toHaveLength(2);
    expect(rejected).toEqual([{ line: 4, field: 'Timestamp' }, { line: 5, field: null }, { line: 7, field: null }]);
  });

  it('reads days before months where a day says so, and local times of a zone', async () => {
    const { responses } = await read('Timestamp,A?\n5/6/2020 13:45,x\n25/6/2020 13:45,x\n', { timeZone: 'Europe/Paris' });
    expect(responses.map(({ answeredAt }) => answeredAt)).toEqual(['2020-06-05T11:45:00.000Z', '2020-06-25T11:45:00.000Z']);
  });

  it("reads Qualtrics' three header rows: questions by their wording, the rest by its name", async () => {
    const head = [
      'RecordedDate,ResponseId,RecipientEmail,nps,Q2_1,Q2_2,Segment',
      'Erfassungsdatum,Antwort-ID,E-Mail,"Would you recommend us? (0-10)",What do you use? - SQL,What do you use? - R,Segment',
      '"{""ImportId"":""recordedDate""}","{""ImportId"":""_recordId""}","{""ImportId"":""recipientEmail""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2_1""}","{""ImportId"":""QID2_2""}","{""ImportId"":""Segment""}"',
    ].join('\n');
    const { declared, responses } = await read(`${head}\n2017-07-18 08:28:48,R_1,a@example.org,9,SQL,,x\n2017-07-18 08:28:49,R_2,,10,1,1,y\n`);
    expect(kindsOf(declared)).toEqual(['NPS Would you recommend us? (0-10)', 'MULTIPLE_CHOICE What do you use?', 'TEXT Segment']);
    expect(responses.map(({ responseId, answers }) => [responseId, answers[1]?.values])).toEqual([['R_1', ['SQL']], ['R_2', ['SQL', 'R']]]);
  });

  it('reads semicolons and tabs', async () => {
    for (const delimiter of [';', '\t']) {
      const { declared, responses } = await read(['Timestamp', '"Which, if any?"', 'Why?'].join(delimiter) + '\n' + ['2020-01-01 00:00:00', 'a, b', 'c'].join(delimiter) + '\n');
      expect(declared.questions.map(({ text }) => text.replaceAll('"', ''))).toEqual(['Which, if any?', 'Why?']);
      expect(responses[0]?.answers.map(({ value }) => value)).toEqual(['a, b', 'c']);
    }
  });

  it('makes of any text rows or one error', async () => {
    const cell = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('Timestamp', '2020-01-01', 'a;b', '"', ',', '\n', '1', '\uFEFF', '[x]', 'Q [r]'));
    const text = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }).map((cells) => cells.join(',')), { maxLength: 8 }).map((lines) => lines.join('\n'));
    await fc.assert(
      fc.asyncProperty(text, async (each) => {
        const result = await read(each).then(
          ({ declared }) => declared.whole,
          (error: unknown) => error instanceof FileError || error,
        );
        expect(result).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses a web page, an empty file and one without questions', async () => {
    for (const text of ['<!doctype html>', '', '{"a":1}']) await expect(read(text)).rejects.toMatchObject({ code: 'FILE_WRONG_KIND' });
    await expect(read('Timestamp,Email Address\n2020-01-01 00:00:00,a@example.org\n')).rejects.toMatchObject({ code: 'FILE_MISSING_COLUMN' });
  });
});

const FILES = [
  ['mybinder-2020-googleforms.csv', 346],
  ['dask-2019-googleforms.csv.gz', 259],
  ['dask-2020-googleforms.csv.gz', 239],
  ['jupyter-2020-surveymonkey.csv.gz', 1_135],
  ['jupyter-2015-20160115235816-SurveyExport.csv.gz', 1_706],
  ['qualtrics_three_header_rows.csv', 1],
  ['qualtrics_legacy.csv', 1],
] as const;

describe('real survey exports', () => {
  const { open } = createStores('LMDB', null);

  itWithRealData('are taken row by row, each row a person, and change nothing the second time', FILES.map(([name]) => `feedback/${name}`), async (...paths) => {
    const harness = createHarness(await open(feedback.collections));
    const once = (path: string) =>
      importFile(survey, createReadStream(path), { fileName: basename(path) }, harness.send, { batchSize: 500 });
    for (const [place, [, rows]] of FILES.entries()) {
      expect(await once(paths[place] ?? '')).toEqual({ rows, accepted: rows, repeated: 0, rejectedTotal: 0, rejected: [] });
    }
    for (const [place, [, rows]] of FILES.entries()) {
      expect(await once(paths[place] ?? '')).toMatchObject({ rows, accepted: 0, repeated: rows });
    }
    const data = (await harness.ask('{ surveys(first: 10) { nodes { name edition responses open previousEdition { edition } } } }')) as {
      surveys: { nodes: { name: string; edition: string; responses: number }[] };
    };
    expect(data.surveys.nodes.map(({ name, edition, responses }) => [name, edition, responses])).toContainEqual(['dask-googleforms', '2020', 239]);
    expect(JSON.stringify(data)).toContain('{"name":"dask-googleforms","edition":"2020","responses":239,"open":false,"previousEdition":{"edition":"2019"}}');
  });
});
