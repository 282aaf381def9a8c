import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../kit/subgraph.ts';
import { inChunks } from './fixtures.ts';
import { FileError, type Importer, type Row } from './importer.ts';
import { readLines } from './lines.ts';
import { importFile, NAMED_REJECTIONS, type Progress, type Send } from './runner.ts';

/** A row a line: `kind value`, or `bad` for a row that is no event. */
const words: Importer = {
  kind: 'words',
  description: 'two words a line',
  parameters: { suffix: 'behind each value; none' },
  async *read(bytes, { suffix = '' }): AsyncGenerator<Row> {
    for await (const { line, bytes: content } of readLines(bytes)) {
      const [kind = '', value = ''] = content.toString().split(' ');
      if (kind === 'bad') yield { line, rejected: { code: 'ROW_INVALID', field: null, message: 'bad row' } };
      else if (kind === 'fail') throw new FileError('FILE_UNREADABLE', 'failed');
      else yield { line, kind, event: value + suffix };
    }
  },
};

/** Takes all but `no`; counts `again` as a repeat. */
function createReceiver(): { send: Send; batches: [string, unknown[]][] } {
  const batches: [string, unknown[]][] = [];
  const send: Send = async (kind, events) => {
    batches.push([kind, [...events]]);
    const rejected = events.flatMap((event, index) => (event === 'no' ? [{ index, code: 'EVENT_INVALID', field: 'x', message: 'no' }] : []));
    const repeated = events.filter((event) => event === 'again').length;
    return { accepted: events.length - rejected.length - repeated, repeated, rejected } satisfies Receipt;
  };
  return { send, batches };
}

describe('importFile', () => {
  it('batches by kind, keeps the order within a kind and sums the receipts', async () => {
    const { send, batches } = createReceiver();
    const summary = await importFile(words, inChunks('a 1\nb 2\na again\na 3\nbad\n'), {}, send, { batchSize: 2 });
    expect(batches).toEqual([['a', ['1', 'again']], ['b', ['2']], ['a', ['3']]]);
    expect(summary).toEqual({
      rows: 5, accepted: 3, repeated: 1, rejectedTotal: 1,
      rejected: [{ line: 5, code: 'ROW_INVALID', field: null, message: 'bad row' }],
    });
  });

  it("names a receiver's rejections by the line of the file, in the order of lines", async () => {
    const { send } = createReceiver();
    const { rejected } = await importFile(words, inChunks('a 1\nb no\na no\nbad\na no\n'), {}, send, { batchSize: 2 });
    expect(rejected.map(({ line, code }) => [line, code])).toEqual([
      [2, 'EVENT_INVALID'], [3, 'EVENT_INVALID'], [4, 'ROW_INVALID'], [5, 'EVENT_INVALID'],
    ]);
  });

  it('names the first rejections only and counts all', async () => {
    const summary = await importFile(words, inChunks('bad\n'.repeat(5_500), 4_096), {}, createReceiver().send);
    expect(summary.rejectedTotal).toBe(5_500);
    expect(summary.rejected.map(({ line }) => line)).toEqual(Array.from({ length: NAMED_REJECTIONS }, (_, index) => index + 1));
  });

  it('unzips by the first bytes, also where they come one by one and in several members', async () => {
    const { send, batches } = createReceiver();
    const zipped = Buffer.concat([gzipSync('a 1\n'), gzipSync('a 2\n')]);
    await importFile(words, inChunks(zipped, 1), {}, send);
    expect(batches).toEqual([['a', ['1', '2']]]);
  });

  it('says that a gzip file ends early', async () => {
    const zipped = gzipSync('a 1\n'.repeat(1_000));
    await expect(importFile(words, inChunks(zipped.subarray(0, -9)), {}, createReceiver().send)).rejects.toMatchObject({
      code: 'FILE_TRUNCATED',
    });
  });

  it('says that a gzip file is damaged', async () => {
    const zipped = Buffer.from(gzipSync('a 1\n'.repeat(1_000)));
    zipped[zipped.length - 6] = 255 - (zipped.at(-6) ?? 0);
    await expect(importFile(words, inChunks(zipped), {}, createReceiver().send)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    });
  });

  it('refuses an unknown parameter and names the known ones', async () => {
    await expect(importFile(words, inChunks('a 1'), { prefix: 'x' }, createReceiver().send)).rejects.toMatchObject({
      code: 'FILE_BAD_PARAMETER',
      message: 'words: expected one of suffix, got prefix',
    });
  });

  it('passes parameters on and reports progress in bytes of the file and rows', async () => {
    const { send, batches } = createReceiver();
    const seen: Progress[] = [];
    const summary = await importFile(words, inChunks('a 1\na no\n'), { suffix: '!' }, send, { onProgress: (each) => seen.push(each) });
    expect(batches).toEqual([['a', ['1!', 'no!']]]);
    expect(seen).toEqual([{ rows: 2, accepted: 2, repeated: 0, rejectedTotal: 0, bytesRead: 9 }]);
    expect(summary.rows).toBe(2);
  });

  it('passes on what the importer and the receiver throw', async () => {
    await expect(importFile(words, inChunks('a 1\nfail\n'), {}, createReceiver().send)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    const send: Send = () => Promise.reject(new Error('the store is closed'));
    await expect(importFile(words, inChunks('a 1\n'), {}, send)).rejects.toThrow('the store is closed');
  });
});
