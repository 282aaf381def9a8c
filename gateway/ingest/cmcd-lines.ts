import { isUtf8 } from 'node:buffer';

/** A line as JSON can say it: tokens as text, bytes as base64, dates as seconds; an item with parameters as `{ value, params }`. */
export type CmcdReport = Readonly<Record<string, unknown>>;

/** What a line is: a report, or not one and why. */
export type CmcdLine = { readonly report: CmcdReport } | { readonly message: string };

/** The longest line that is read, in bytes. Reports have a few hundred; an address may have some thousand. */
const LONGEST_LINE = 65_536;

/** Where the decoder says that it stopped: with this text left. */
const REST = /^failed to parse "(.*)" as (.+)$/s;

function describeFault(line: string, error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause !== undefined) deepest = deepest.cause;
  const [, rest, what] = deepest instanceof Error ? (REST.exec(deepest.message) ?? []) : [];
  const expected = 'expected a dictionary of structured fields (RFC 8941)';
  if (rest === undefined || what === undefined) return expected;
  const offset = Buffer.byteLength(line.trimEnd()) - Buffer.byteLength(rest);
  return `${expected}; it stops being one at offset ${offset}, where a ${what.toLowerCase()} is expected`;
}

function toJson(value: unknown): unknown {
  if (typeof value === 'symbol') return value.description ?? '';
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}

/**
 * Gives what reads lines. The library is loaded with the first report, since most starts never see one. Its validation is
 * not asked: it rejects every line that dash.js, hls.js and shaka-player send.
 */
export async function loadCmcdReader(): Promise<(line: Buffer) => CmcdLine> {
  const { decodeCmcd } = await import('@svta/cml-cmcd');
  return (line) => {
    if (line.length > LONGEST_LINE) return { message: `expected a line of at most ${LONGEST_LINE} bytes, got ${line.length}` };
    if (!isUtf8(line)) return { message: 'expected a line in UTF-8' };
    const text = line.toString('utf8');
    try {
      return { report: toJson(decodeCmcd(text)) as CmcdReport };
    } catch (error) {
      return { message: describeFault(text, error) };
    }
  };
}
