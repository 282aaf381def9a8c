import { createReadStream } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dumpStore } from '../kit/store/test-dump.ts';
import { createStores } from '../kit/store/test-stores.ts';
import { itWithRealData } from '../kit/test-data.ts';
import { createHarness, FIGURES, type Harness } from '../subgraphs/feedback/fixtures.ts';
import { feedback } from '../subgraphs/feedback/index.ts';
import { inChunks } from './fixtures.ts';
import type { Parameters } from './importer.ts';
import { importFile } from './runner.ts';
import { survey } from './survey.ts';
import { REAL_SURVEYS, recordsOf, repeat } from './survey-fixtures.ts';

/** Headers over what no store may hold, as the tools of the real files write them: who, from where, and the tool's number of a person. */
const PEOPLE = /^(?:respondent ?id|response ?id|name|email.*|ip ?address|recipient.*|external.*reference|location(?:latitude|longitude))$/i;
/** A person's mail address in any cell; so short a value says nothing where it is found. */
const MAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const SHORTEST = 5;

/** Every value of a raw file that is a person's, read without the importer. */
function valuesOf(records: readonly (readonly string[])[], headers: number): string[] {
  const places = (records[0] ?? []).flatMap((_, place) => (records.slice(0, headers).some((header) => PEOPLE.test(header[place]?.trim() ?? '')) ? [place] : []));
  const rows = records.slice(headers);
  const values = rows.flatMap((row) => [...places.map((place) => row[place]?.trim() ?? ''), ...row.flatMap((cell) => cell.match(MAIL) ?? [])]);
  return [...new Set(values)].filter((value) => value.length >= SHORTEST);
}

/** Which values stand in the texts. Numbers, of which there are many, are looked for in the texts' runs of digits alone. */
function findIn(texts: readonly string[], values: readonly string[]): string[] {
  const digits = [...new Set(texts.flatMap((text) => text.match(/\d{5,}/g) ?? []))].join('\n');
  return values.filter((value) => (/^\d+$/.test(value) ? digits.includes(value) : texts.some((text) => text.includes(value))));
}

async function answersOf(harness: Harness): Promise<string> {
  const feedbacks = (about: string): string => `${about}: feedback(about: ${about}, first: 1000) { nodes { ${FIGURES} comparisons { sameBy optionsAdded optionsDropped shares { answer } } } }`;
  const data = await harness.ask(`{ surveys(origin: ANY, first: 1000) { nodes { id namespace name edition questions { id text row options }
    ${['ALL', 'TEAM', 'JOB', 'DATASET', 'SHOW'].map(feedbacks).join(' ')} } } teams(origin: ANY, first: 1000) { nodes { id name members(first: 1000) { nodes { id namespace } } } } }`);
  return JSON.stringify(data);
}

describe('what surveys say of people', () => {
  const { newLocation, open } = createStores('LMDB', null);

  /** Imports into a store of its own, closes it, and says which values are found in it or in its answers. */
  const find = async (load: (harness: Harness) => Promise<void>, values: readonly string[]): Promise<{ found: string[]; documents: string }> => {
    const at = newLocation();
    const store = await open(feedback.collections, { at });
    const harness = createHarness(store);
    await load(harness);
    const answers = await answersOf(harness);
    await store.close();
    const { bytes, documents } = await dumpStore(at.slice('lmdb:'.length), 'utf8');
    expect(documents.length).toBeGreaterThan(1_000);
    return { found: findIn([answers, bytes, documents], values), documents };
  };
  const load = (content: string, parameters: Parameters = {}) => async (harness: Harness): Promise<void> => {
    await importFile(survey, inChunks(content, 60_000), { name: 'people', ...parameters }, harness.send);
  };

  itWithRealData('is in none of the bytes and answers that the real files leave', REAL_SURVEYS.map(({ file }) => file), async (...paths) => {
    const values = REAL_SURVEYS.flatMap(({ headers }, place) => valuesOf(recordsOf(paths[place] ?? ''), headers));
    // SurveyMonkey's number of each person, and of Qualtrics an address, a place, a name and a response.
    expect(values.length).toBeGreaterThan(1_135);
    expect(values).toEqual(expect.arrayContaining(['192.0.2.1', '47.115097045898', 'R_2YPOQ602ER1jkf1', 'Anonym', '12390574951']));
    const { found, documents } = await find(async (harness) => {
      for (const [place, path] of paths.entries()) {
        await importFile(survey, createReadStream(path), { name: `survey ${place}`, edition: '1' }, harness.send);
      }
    }, values);
    expect(found).toEqual([]);
    // The search finds what is kept.
    expect(findIn([documents], ['Reliability', '2015-12-21 22:21:51', 'never written'])).toEqual(['Reliability', '2015-12-21 22:21:51']);
  });

  it('is in none of what is left of addresses, names, places and numbers of people that any tool writes', async () => {
    const header = 'Respondent ID,Date Submitted,IP Address,Email Address,First Name,Last Name,Longitude,Phone Number,Your GitHub handle?,Reviewer,Team,How was it?,Why?';
    const row = (n: number): string => `88123${n},2020-01-01 10:00:00,198.51.100.${100 + n},who${n}@corp.example,Forename${n},Surname${n},8.5412${n},+41 44 555 10 ${10 + n},octo${n},rev${n}@corp.example,team ${n % 2},Good,ask "helper${n}@corp.example" <boss${n}@corp.example>`.replace(/ask.*$/, (text) => `"${text.replaceAll('"', '""')}"`);
    const content = `${header}\n${repeat(12, row)}`;
    const values = Array.from({ length: 12 }, (_, n) => [`88123${n}`, `198.51.100.${100 + n}`, `who${n}@`, `Forename${n}`, `Surname${n}`, `8.5412${n}`, `555 10 ${10 + n}`, `octo${n}`, `rev${n}@`, `helper${n}@`, `boss${n}@`]).flat();
    expect((await find(load(content), values)).found).toEqual([]);
    // Neither is it where the caller says that a column identifies the person: that is kept as a pseudonym.
    const declared = await find(load(content, { user: 'Email Address' }), values);
    expect(declared.found).toEqual([]);
    expect(declared.documents).toMatch(/"user":"person:[\w-]{22}"/);
  });

  it('is replaced all the same where whoever sends an answer names it', async () => {
    const key = { namespace: 'default', name: 'sent', edition: '1' };
    const answer = (n: number) => ({ survey: key, responseId: `response-of-ann-${n}`, user: `ann-${n}`, answers: [{ question: 'q', value: `write to ann-${n}@corp.example` }], about: { recipientEmail: `ann-${n}`, client_ip: `203.0.113.${100 + n}`, Latitude: 47.11509 } });
    const values = [0, 1, 2].flatMap((n) => [`response-of-ann-${n}`, `ann-${n}`, `203.0.113.${100 + n}`, '47.11509']);
    const sent = [0, 1, 2].map(answer);
    let receipts: unknown[] = [];
    const { found } = await find(async (harness) => {
      receipts = [await harness.send('survey-response', sent), await harness.send('survey-response', sent)];
      await load('Timestamp,A?\n2020-01-01 00:00:00,x\n')(harness);
    }, values);
    expect(found).toEqual([]);
    expect(receipts).toEqual([{ accepted: 3, repeated: 0, rejected: [] }, { accepted: 0, repeated: 3, rejected: [] }]);
  });

  it('tells responses apart by the letters of their ids, case and all', async () => {
    const harness = createHarness(await open(feedback.collections));
    const content = 'Response ID,Date Submitted,Well?\nR_a,2020-01-01 10:00:00,Yes\nR_A,2020-01-01 10:00:00,Yes\n';
    const twice = async () => importFile(survey, inChunks(content), { name: 'cases' }, harness.send);
    expect(await twice()).toMatchObject({ rows: 2, accepted: 2 });
    expect(await twice()).toMatchObject({ rows: 2, accepted: 0, repeated: 2 });
  });
});
