import { CellError, type Cells } from './cells.ts';
import type { DelimitedRow } from './delimited.ts';
import { toUnreadable, type Row } from './importer.ts';

/**
 * Turns each record of a delimited file into an event of one kind; a record that cannot be read, or a cell that
 * `toEvent` refuses with a CellError, becomes a rejected row of its line.
 */
export async function* toRows(
  records: AsyncIterable<DelimitedRow>,
  kind: string,
  toEvent: (cells: Cells, line: number) => unknown,
): AsyncGenerator<Row> {
  for await (const record of records) {
    if ('problem' in record) {
      yield toUnreadable(record);
      continue;
    }
    yield toRow(record.line, kind, () => toEvent(record.cells, record.line));
  }
}

function toRow(line: number, kind: string, make: () => unknown): Row {
  try {
    return { line, kind, event: make() };
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    return { line, rejected: { code: 'ROW_INVALID', field: error.column, message: error.message } };
  }
}
