import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnName, openDelimited, type DelimitedRow } from './delimited.ts';
import { collect, inChunks } from './fixtures.ts';

const options = { expected: 'a list of shows', needed: () => ['title', 'hours_viewed'] };

async function read(content: string | Uint8Array, chunk = 7): Promise<DelimitedRow[]> {
  const file = await openDelimited(inChunks(content, chunk), options);
  return collect(file.rows);
}

describe('openDelimited', () => {
  it('finds columns by name, whatever their order, case and spelling', async () => {
    const file = await openDelimited(inChunks('Hours Viewed,Title,Other?\n5,A,x\n'), options);
    expect(file.header).toEqual(['Hours Viewed', 'Title', 'Other?']);
    expect(await collect(file.rows)).toEqual([{ line: 2, cells: { hours_viewed: '5', title: 'A', other: 'x' } }]);
  });

  it('reads a byte order mark, CRLF, empty lines and a last line without an end', async () => {
    expect(await read('\uFEFFtitle,hours_viewed\r\n\r\nA,1\r\nB,2')).toEqual([
      { line: 3, cells: { title: 'A', hours_viewed: '1' } },
      { line: 4, cells: { title: 'B', hours_viewed: '2' } },
    ]);
  });

  it('reads UTF-16 as spreadsheets save it, tab-separated', async () => {
    const text = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('title\thours_viewed\n더 글로리\t1\n', 'utf16le')]);
    expect(await read(text)).toEqual([{ line: 2, cells: { title: '더 글로리', hours_viewed: '1' } }]);
  });

  it('takes notes above the header for notes', async () => {
    expect(await read('What We Watched\n,,\nTitle;Hours Viewed\nA;1\n')).toEqual([{ line: 4, cells: { title: 'A', hours_viewed: '1' } }]);
  });

  it('keeps line ends, quotes and delimiters inside quoted cells', async () => {
    expect(await read('title,hours_viewed\n"a, ""b""\nc",1\nd,2\n')).toEqual([
      { line: 2, cells: { title: 'a, "b"\nc', hours_viewed: '1' } },
      { line: 4, cells: { title: 'd', hours_viewed: '2' } },
    ]);
  });

  it('makes a row of too few or too many cells a problem of its own line', async () => {
    expect(await read('title,hours_viewed\nA,1\nB\nC,1,2\nD,4\n')).toEqual([
      { line: 2, cells: { title: 'A', hours_viewed: '1' } },
      { line: 3, problem: 'expected 2 cells as in the header, got 1' },
      { line: 4, problem: 'expected 2 cells as in the header, got 3' },
      { line: 5, cells: { title: 'D', hours_viewed: '4' } },
    ]);
  });

  it('reads the rows behind a quote that never closes', async () => {
    const rows = await read('title,hours_viewed\nA,1\n"B,2\nC,3\nD,4\n');
    expect(rows.map((row) => ('problem' in row ? 'problem' : row.cells['title']))).toEqual(['A', 'problem', 'C', 'D']);
    expect(rows[1]).toMatchObject({ line: 3 });
  });

  it('reads the rows behind a quote that a later row closes by accident', async () => {
    const rows = await read('title,hours_viewed\n"A,1\nB,2\n"C, c",3\nD,4\n');
    expect(rows.map((row) => ('problem' in row ? `line ${row.line}` : row.cells['title']))).toEqual(['line 2', 'B', 'C, c', 'D']);
  });

  it('makes bytes that are not UTF-8 a problem of their line, and keeps a replacement character that is in the file', async () => {
    const text = Buffer.concat([Buffer.from('title,hours_viewed\nA\uFFFD,1\nB'), Buffer.from([0xe9]), Buffer.from(',2\nC,3\n')]);
    expect(await read(text)).toEqual([
      { line: 2, cells: { title: 'A\uFFFD', hours_viewed: '1' } },
      { line: 3, problem: 'expected text in UTF-8, got other bytes' },
      { line: 4, cells: { title: 'C', hours_viewed: '3' } },
    ]);
  });

  it.each([
    ['<!DOCTYPE html>\n<title>x</title>', 'a web page or XML'],
    ['{"title": 1}', 'JSON'],
    ['[{"title": 1}]', 'JSON'],
    ['null', 'the word null'],
    ['', 'an empty file'],
    ['\n\n', 'an empty file'],
    ['PK\u0003\u0004title,hours_viewed', 'a zip archive or spreadsheet; save it as CSV first'],
    ['tit\0le', 'binary data'],
  ])('refuses %j as another kind of file', async (content, kind) => {
    await expect(read(content)).rejects.toMatchObject({
      code: 'FILE_WRONG_KIND',
      message: `expected a list of shows, got ${kind}`,
    });
  });

  it('names the missing column and those it saw', async () => {
    await expect(read('title,views,week\nA,1,2\n')).rejects.toMatchObject({
      code: 'FILE_MISSING_COLUMN',
      message: 'expected a list of shows with the column hours_viewed; line 1 has title, views, week',
    });
  });

  it('gives back any cells that RFC 4180 can write, cut anywhere', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é', '글', '😀'), maxLength: 8 });
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 12 }), fc.integer({ min: 1, max: 40 }), async (cells, chunk) => {
        const text = ['title,hours_viewed', ...cells.map((row) => row.map(quote).join(','))].join('\r\n');
        const rows = await read(text, chunk);
        expect(rows.map((row) => ('cells' in row ? [row.cells['title'], row.cells['hours_viewed']] : row))).toEqual(cells);
      }),
      { numRuns: 200 },
    );
  });
});

describe('columnName', () => {
  it('keeps letters and digits of any script and joins the rest', () => {
    expect(['Hours Viewed', ' Available Globally? ', 'runtime_h_mm', 'Größe (m²)'].map(columnName)).toEqual([
      'hours_viewed', 'available_globally', 'runtime_h_mm', 'größe_m²',
    ]);
  });
});
