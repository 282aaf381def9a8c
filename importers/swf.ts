import { parseInstant } from '../kit/ingest/time.ts';
import type { LogRun } from '../subgraphs/platform/events.ts';
import { shown } from './cells.ts';
import { FileError, type Importer, type Parameters, type Row } from './importer.ts';
import { foreignKind, readLines, toText } from './lines.ts';
import { createSwfHeader, startOf, type SwfHeader } from './swf-header.ts';

/**
 * The Standard Workload Format, version 2.2: 18 columns of numbers, of which -1 is unknown, below header comments
 * `; Key: value`. https://www.cs.huji.ac.il/labs/parallel/workload/swf.html
 *
 * Seconds count from `UnixStartTime`, which is in seconds of UTC; `TimeZone` and `TimeZoneString` only say which clock the
 * site's people looked at, so they move nothing.
 */
const COLUMNS = 18;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** Columns that have no field of their own in an event, by their place from 0. */
const EXTRA: readonly (readonly [place: number, name: string])[] = [
  [4, 'processors'],
  [5, 'averageCpuSeconds'],
  [6, 'memoryKb'],
  [7, 'requestedProcessors'],
  [8, 'requestedSeconds'],
  [9, 'requestedMemoryKb'],
  [10, 'status'],
  [16, 'precedingNumber'],
  [17, 'thinkSeconds'],
];

/** 0 failed, 1 completed, 5 cancelled; 2, 3 and 4 are bursts of a job that has a line of its own. */
const OUTCOMES: Readonly<Record<number, LogRun['outcome']>> = { 0: 'FAIL', 1: 'COMPLETE', 5: 'ABORT' };
const BURSTS = new Set([2, 3, 4]);

const invalid = (line: number, field: string | null, message: string): Row => ({ line, rejected: { code: 'ROW_INVALID', field, message } });

/** What a log's runs have in common. */
interface Log {
  readonly source: string;
  readonly namespace: string;
  readonly startMs: number;
  readonly header: SwfHeader;
}

function toLog(header: SwfHeader, parameters: Parameters): Log {
  const { start, source, namespace } = parameters;
  const given = start === undefined ? null : parseInstant(start);
  if (start !== undefined && given === null) {
    throw new FileError('FILE_BAD_PARAMETER', `swf: expected \`start\` as an RFC 3339 instant, got ${shown(start)}`);
  }
  const startMs = given?.ms ?? startOf(header);
  if (startMs === null) {
    throw new FileError('FILE_MISSING_COLUMN', 'expected a header comment `; UnixStartTime: <seconds>`, or `; StartTime:` in a known zone, got none that says when the log begins; give it as `start`');
  }
  if (!(Math.abs(startMs) <= 8.64e15)) throw new FileError('FILE_WRONG_KIND', 'expected a log that begins within the calendar, got seconds beyond it');
  const site = header.value('Installation') ?? header.value('Computer') ?? 'swf';
  return {
    source: source ?? `${site} ${new Date(startMs).toISOString().slice(0, 10)}`,
    namespace: namespace ?? site,
    startMs,
    header,
  };
}

/** Executables, queues, groups and so on are numbers, which a header may name. */
function nameIn(log: Log, kind: string, number: number): string {
  return log.header.nameOf(kind, number) ?? `${kind.toLowerCase()} ${number}`;
}

function jobOf(log: Log, executable: number, queue: number): string {
  if (executable >= 0) return nameIn(log, 'Executable', executable);
  return queue >= 0 ? nameIn(log, 'Queue', queue) : 'jobs';
}

function toRow(line: number, cells: readonly string[], log: Log): Row {
  if (cells.length !== COLUMNS) return invalid(line, null, `expected ${COLUMNS} columns, got ${cells.length}`);
  const wrong = cells.findIndex((cell) => !NUMBER.test(cell));
  if (wrong !== -1) return invalid(line, `column ${wrong + 1}`, `expected a number, got ${shown(cells[wrong] ?? '')}`);
  const numbers = cells.map(Number);
  const at = (place: number): number => numbers[place] ?? -1;
  const [number, submit, wait, length] = [at(0), at(1), at(2), at(3)];
  if (!Number.isSafeInteger(number) || number < 0) return invalid(line, 'column 1', `expected a job number of 0 or more, got ${number}`);
  if (BURSTS.has(at(10))) {
    return invalid(line, 'column 11', `expected a whole job, got status ${at(10)}: a burst of job ${number}, which its own line counts`);
  }
  if (submit < 0) return invalid(line, 'column 2', `expected the seconds of submission, got ${submit}`);
  const submittedMs = log.startMs + Math.round(submit * 1_000);
  const waitMs = wait < 0 ? null : Math.round(wait * 1_000);
  const [user, group, executable, queue, partition] = [at(11), at(12), at(13), at(14), at(15)];
  const startedMs = submittedMs + (waitMs ?? 0);
  if (startedMs > 8.64e15 || length * 1_000 > Number.MAX_SAFE_INTEGER) return invalid(line, null, 'expected seconds within the calendar, got more');
  const extra: Record<string, unknown> = {};
  for (const [place, name] of EXTRA) if (at(place) !== -1) extra[name] = at(place);
  if (partition >= 0) extra['partition'] = log.header.nameOf('Partition', partition) ?? partition;
  if (executable >= 0 && queue >= 0) extra['queue'] = log.header.nameOf('Queue', queue) ?? queue;
  const event: LogRun = {
    source: log.source,
    number,
    namespace: log.namespace,
    job: jobOf(log, executable, queue),
    startedAt: new Date(startedMs).toISOString(),
    submittedAt: new Date(submittedMs).toISOString(),
    ...(waitMs === null ? {} : { waitMs }),
    ...(length < 0 ? {} : { durationMs: Math.round(length * 1_000) }),
    // A team's name is one everywhere, so that of a numbered group names its site.
    ...(group < 0 ? {} : { team: log.header.nameOf('Group', group) ?? `${log.namespace} group ${group}` }),
    ...(user < 0 ? {} : { user: log.header.nameOf('User', user) ?? `${log.namespace} user ${user}` }),
    ...(OUTCOMES[at(10)] === undefined ? {} : { outcome: OUTCOMES[at(10)] }),
    ...extra,
  };
  return { line, kind: 'log-run', event };
}

/** Logs of parallel machines and grids, as the Parallel Workloads Archive publishes them. */
export const swf: Importer = {
  kind: 'swf',
  description: 'Standard Workload Format: a run a line, with its submission, wait, run time, user and group',
  parameters: {
    source: "the log's name, a part of each run's identity; its installation and first day",
    namespace: 'the namespace of its jobs; its installation',
    start: 'when the log begins, RFC 3339; its header UnixStartTime, else StartTime',
  },
  async *read(bytes, parameters) {
    const header = createSwfHeader();
    let log: Log | null = null;
    let isFirst = true;
    for await (const { line, bytes: content } of readLines(bytes)) {
      const text = toText(content)?.trim() ?? null;
      if (isFirst && text !== '') {
        isFirst = false;
        const start = text?.split(/\s+/) ?? [];
        if (text === null || (!text.startsWith(';') && (start.length !== COLUMNS || !start.every((cell) => NUMBER.test(cell))))) {
          const kind = foreignKind(content) ?? (text === null ? 'text that is not UTF-8' : `a line ${shown(text)}`);
          throw new FileError('FILE_WRONG_KIND', `expected header comments or ${COLUMNS} columns of numbers, got ${kind}`);
        }
      }
      if (text === null) yield invalid(line, null, 'expected text in UTF-8, got other bytes');
      else if (text.startsWith(';')) header.add(text);
      else if (text !== '') {
        log ??= toLog(header, parameters);
        yield toRow(line, text.split(/\s+/), log);
      }
    }
    if (isFirst) throw new FileError('FILE_WRONG_KIND', 'expected header comments and columns of numbers, got an empty file');
  },
};
