import type { Row } from './importer.ts';

/** A text or bytes as a stream of chunks that cut lines and characters anywhere. */
export async function* inChunks(content: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** All that a stream yields. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** The events of rows, in order; fails on a rejected row. */
export function eventsOf(rows: readonly Row[]): unknown[] {
  return rows.map((row) => {
    if ('rejected' in row) throw new Error(`expected an event in line ${row.line}, got: ${row.rejected.message}`);
    return row.event;
  });
}

/** The rejected rows with their lines. */
export function rejectionsOf(rows: readonly Row[]): { line: number; code: string; field: string | null; message: string }[] {
  return rows.flatMap((row) => ('rejected' in row ? [{ line: row.line, ...row.rejected }] : []));
}
