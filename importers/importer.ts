import type { ErrorCode } from '../kit/graph/errors.ts';
import type { Rejection } from '../kit/subgraph.ts';

/**
 * What an importer says of one row of a file: an event for the receiver of `kind`, or why the row cannot be one. Line 0 is
 * an event about the file as a whole: it is sent before what follows and counts as no row, unless it is refused.
 */
export type Row =
  | { readonly line: number; readonly kind: string; readonly event: unknown }
  | { readonly line: number; readonly rejected: Omit<Rejection, 'index'> };

/** A row that its file's form keeps from being read. */
export function toUnreadable({ line, problem }: { readonly line: number; readonly problem: string }): Row {
  return { line, rejected: { code: 'ROW_INVALID', field: null, message: problem } };
}

/** What a caller may say beside the file, each as `--name value` or as a query parameter. */
export type Parameters = Readonly<Record<string, string>>;

/** A file that cannot be read as this kind at all: one message, no rows. */
export class FileError extends Error {
  override readonly name = 'FileError';
  /** One of those that begin with `FILE_`; or what a server answered, where it read the file. */
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Turns files of one kind into events. Pure but for reading its input; knows no store. */
export interface Importer {
  /** As in `npm run import -- KIND` and `POST /import/{kind}`. */
  readonly kind: string;
  /** One line for `--list`. */
  readonly description: string;
  /** The parameters it takes: name to meaning and default. */
  readonly parameters: Readonly<Record<string, string>>;
  /** True where all files of one call are one input, read one behind the other; each file by itself where it is not given. */
  readonly isJoined?: boolean;
  /**
   * Reads the (already unzipped) bytes of one file and yields its rows, in order, streaming.
   * @throws FileError where the file as a whole is unusable.
   */
  readonly read: (bytes: AsyncIterable<Uint8Array>, parameters: Parameters) => AsyncIterable<Row>;
}
