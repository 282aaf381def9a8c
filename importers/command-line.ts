import type { Importer, Parameters } from './importer.ts';
import type { Progress, RejectedRow, Summary } from './runner.ts';

/** What `npm run import -- …` was asked. */
export type ImportRequest =
  | { readonly kind: 'list' }
  | { readonly kind: 'help' }
  | { readonly kind: 'import'; readonly importer: Importer; readonly files: readonly string[]; readonly parameters: Parameters };

/** A command line that cannot be followed; its message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = 'npm run import -- KIND FILE… [--name value]\nnpm run import -- --list';

/**
 * Reads a command line: the kind, files, and an importer's parameters as `--name value` or `--name=value`.
 * @throws UsageError for an unknown kind, which it answers with the known ones, an unknown parameter, or no file.
 */
export function parseCommandLine(args: readonly string[], importers: readonly Importer[]): ImportRequest {
  const words: string[] = [];
  const parameters: Record<string, string> = {};
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    if (arg === '--list') return { kind: 'list' };
    if (arg === '--help' || arg === '-h') return { kind: 'help' };
    if (!arg.startsWith('--')) {
      words.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const name = arg.slice(2, equals < 0 ? undefined : equals);
    const value = equals < 0 ? args[++index] : arg.slice(equals + 1);
    if (value === undefined) throw new UsageError(`--${name} lacks its value\n${USAGE}`);
    parameters[name] = value;
  }
  const [kind, ...files] = words;
  if (kind === undefined) return { kind: 'help' };
  const importer = importers.find((each) => each.kind === kind);
  if (importer === undefined) throw new UsageError(`no importer is named "${kind}"; known are ${importers.map((each) => each.kind).join(', ')}`);
  for (const name of Object.keys(parameters)) {
    if (Object.hasOwn(importer.parameters, name)) continue;
    const known = Object.keys(importer.parameters);
    throw new UsageError(`${kind} takes no --${name}; it takes ${known.length === 0 ? 'no parameters' : known.map((each) => `--${each}`).join(', ')}`);
  }
  if (files.length === 0) throw new UsageError(`no file is named\n${USAGE}`);
  return { kind: 'import', importer, files, parameters };
}

/** Every kind with what it reads and the parameters it takes. */
export function describeImporters(importers: readonly Importer[]): string {
  return importers
    .map(({ kind, description, parameters }) => [`${kind}: ${description}`, ...Object.entries(parameters).map(([name, meaning]) => `  --${name}  ${meaning}`)].join('\n'))
    .join('\n');
}

const count = (number: number): string => number.toLocaleString('en-US');

/** Such as `1,200 rows: 1,000 accepted, 150 repeated, 50 rejected`. */
export function describeCounts({ rows, accepted, repeated, rejectedTotal }: Omit<Progress, 'bytesRead'>): string {
  return `${count(rows)} rows: ${count(accepted)} accepted, ${count(repeated)} repeated, ${count(rejectedTotal)} rejected`;
}

const describeRow = ({ line, code, field, message }: RejectedRow): string => `  line ${line}: ${code}${field === null ? '' : ` in ${field}`}: ${message}`;

/** What became of a file, and of each row that was not taken. */
export function describeSummary(file: string, summary: Summary): string {
  const unnamed = summary.rejectedTotal - summary.rejected.length;
  const rest = unnamed > 0 ? [`  and ${count(unnamed)} more`] : [];
  return [`${file}: ${describeCounts(summary)}`, ...summary.rejected.map(describeRow), ...rest].join('\n');
}
