import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { isErrorCode } from '../../kit/graph/errors.ts';
import type { HostileRequest } from './bodies.ts';
import type { Answer } from './sender.ts';

/** What an answer says of what was not taken, and how many events it acknowledges as new. */
export interface Judgement {
  /** What is wrong with the answer; null where nothing is. */
  readonly fault: string | null;
  readonly accepted: number;
  /** How each thing that was not taken is told where it is at fault. */
  readonly tells: readonly Tells[];
}

export type Tells = 'field' | 'offset' | 'line' | 'whole';

const one = z.object({ code: z.string(), field: z.string().nullish(), message: z.string().optional(), reason: z.string().optional(), line: z.number().optional() });
const refusal = z.object({ error: one });
const body = z.looseObject({
  status: z.string().optional(), accepted: z.number().optional(), failed_events: z.array(one).optional(), rejected: z.array(one).optional(), refused: z.array(one).optional(),
  summary: z.looseObject({ accepted: z.number().optional(), successful: z.number().optional(), repeated: z.number().optional() }).optional(),
});
const line = z.union([refusal, z.object({ summary: z.looseObject({ accepted: z.number(), rejected: z.array(one) }) }), z.object({ progress: z.unknown() })]);

const STATUSES = new Set([200, 201, 204, 400, 404, 413, 415]);

/** Where something is told to be at fault; null where it is not told. What is no value of its kind at all is at fault as a whole. */
function tellsOf({ code, field, message = '', reason = '', line: at }: z.infer<typeof one>): Tells | null {
  const text = message + reason;
  if (!isErrorCode(code) || code === 'INTERNAL' || text === '') return null;
  if (typeof field === 'string' && field !== '') return 'field';
  if (/\boffset \d+/.test(text)) return 'offset';
  if (at !== undefined || /\bline \d+/.test(text)) return 'line';
  return /expected/i.test(text) || code === 'NOT_FOUND' || code === 'BODY_TOO_LARGE' || code.startsWith('FILE_') ? 'whole' : null;
}

/** Where bytes stop being JSON in UTF-8 must be told; null where they are JSON. */
function isJson(bytes: Buffer): boolean {
  if (!isUtf8(bytes)) return false;
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

const faulty = (fault: string): Judgement => ({ fault, accepted: 0, tells: [] });

function judgeAll(refused: readonly z.infer<typeof one>[], accepted: number): Judgement {
  const tells: Tells[] = [];
  for (const each of refused) {
    const told = tellsOf(each);
    if (told === null) return faulty(`does not tell where the fault is: ${JSON.stringify(each).slice(0, 400)}`);
    tells.push(told);
  }
  return { fault: null, accepted, tells };
}

function judgeRefusal({ receiver, plain }: HostileRequest, { status, text }: Answer): Judgement {
  const parsed = refusal.safeParse(JSON.parse(text));
  if (!parsed.success) return faulty('is no refusal');
  const { error } = parsed.data;
  const failed = (JSON.parse(text) as { failed_events?: unknown }).failed_events === undefined ? [] : body.parse(JSON.parse(text)).failed_events;
  if (status === 400 && error.code === 'BODY_UNREADABLE' && !/offset \d+/.test(error.message ?? '') && plain?.length !== 0) return faulty('does not tell the offset');
  if (status === 400 && receiver.reads === 'json' && plain !== null && plain.length > 0 && !isJson(plain) && !receiver.name.includes('survey') && !/offset \d+/.test(error.message ?? '')) return faulty('does not tell the offset');
  const { accepted = 0 } = body.safeParse(JSON.parse(text)).data?.summary ?? {};
  return judgeAll([error, ...(failed ?? [])], accepted);
}

/** Judges what a receiver answered to a hostile body. */
export function judge(request: HostileRequest, answer: Answer): Judgement {
  const { status, text, headers } = answer;
  if (!STATUSES.has(status)) return faulty('is of no expected status');
  if (request.path.startsWith('/cmcd')) return status === 204 && text === '' ? { fault: null, accepted: 0, tells: [] } : faulty('is not 204');
  if (status >= 400) return judgeRefusal(request, answer);
  if (String(headers['content-type']).includes('ndjson')) {
    const lines = text.trimEnd().split('\n').map((each) => line.parse(JSON.parse(each)));
    const last = lines.at(-1);
    if (last === undefined || 'progress' in last) return faulty('ends without a summary');
    return 'error' in last ? judgeAll([last.error], 0) : judgeAll(last.summary.rejected, last.summary.accepted);
  }
  const parsed = body.safeParse(JSON.parse(text));
  if (!parsed.success) return faulty('is of no known form');
  const { status: word, accepted, failed_events: failed = [], rejected = [], refused = [], summary } = parsed.data;
  // OpenLineage's summary counts repeats among what succeeded.
  const count = accepted ?? summary?.accepted ?? (summary?.successful === undefined ? (word === 'accepted' ? 1 : 0) : summary.successful - (summary.repeated ?? 0));
  return judgeAll([...failed, ...rejected, ...refused], count);
}
