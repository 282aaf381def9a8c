import { parseInstant } from '../kit/ingest/time.ts';
import type { PlaybackSessionEvent } from '../subgraphs/viewing/events.ts';
import { CellError, countIn, neededTextIn, numberIn, shown, textIn, unknownIn, type Cells } from './cells.ts';
import { openDelimited } from './delimited.ts';
import type { Importer, Parameters } from './importer.ts';
import { toRows } from './rows.ts';

/** Columns of a plain table of sessions, one for each field of the event. */
const PLAIN = {
  needed: ['id', 'started_at', 'watched_ms'],
  others: [
    'namespace', 'title', 'season', 'kind', 'duration_ms', 'startup_ms', 'rebuffer_ms', 'rebuffer_count', 'bytes', 'bitrate_kbps',
    'device', 'country', 'user',
  ],
};

/** Columns of a test bed's table of YouTube sessions (csieber/yt-dataset): seconds, and playing time by quality level. */
const TEST_BED = ['run_id', 'run_start', 'yt_id', 'vid_length', 'pl_buffering_events', 'net_dl_total'];
/** The columns that either table cannot do without. */
export const SESSION_COLUMNS: readonly (readonly string[])[] = [PLAIN.needed, TEST_BED];
const PLAYED_SECONDS = /^pl_time_spent_itag\d+$/;

const isTestBed = (columns: ReadonlySet<string>): boolean => columns.has('run_id') && columns.has('yt_id');

function kindIn(cells: Cells): 'FILM' | 'SERIES' | null {
  const text = textIn(cells, 'kind');
  if (text === null || text === 'FILM' || text === 'SERIES') return text;
  throw new CellError('kind', `expected FILM or SERIES, got ${shown(text)}`);
}

function neededCountIn(cells: Cells, column: string): number {
  const count = countIn(cells, column);
  if (count === null) throw new CellError(column, 'expected a whole number, got an empty cell');
  return count;
}

/** An instant, in RFC 3339 or in seconds since the epoch. */
function instantIn(cells: Cells, column: string): string {
  const text = neededTextIn(cells, column);
  const ms = /^\d{9,11}(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : (parseInstant(text)?.ms ?? null);
  if (ms === null) throw new CellError(column, `expected an RFC 3339 instant or seconds since the epoch, got ${shown(text)}`);
  return new Date(ms).toISOString();
}

function fromPlain(cells: Cells, { source = 'playback-sessions', namespace = 'playback-sessions' }: Parameters): PlaybackSessionEvent {
  const title = textIn(cells, 'title');
  const kind = kindIn(cells);
  return {
    source,
    id: neededTextIn(cells, 'id'),
    namespace: textIn(cells, 'namespace') ?? namespace,
    show: title === null ? null : { title, season: textIn(cells, 'season'), kind },
    startedAt: instantIn(cells, 'started_at'),
    watchedMs: neededCountIn(cells, 'watched_ms'),
    durationMs: countIn(cells, 'duration_ms'),
    startupMs: numberIn(cells, 'startup_ms'),
    rebufferMs: numberIn(cells, 'rebuffer_ms'),
    rebufferCount: countIn(cells, 'rebuffer_count'),
    bytes: countIn(cells, 'bytes'),
    bitrateKbps: numberIn(cells, 'bitrate_kbps'),
    device: textIn(cells, 'device'),
    country: textIn(cells, 'country'),
    user: textIn(cells, 'user'),
    extra: unknownIn(cells, new Set([...PLAIN.needed, ...PLAIN.others])),
  };
}

function fromTestBed(cells: Cells, played: readonly string[], { source = 'yt-dataset', namespace = 'yt-dataset' }: Parameters): PlaybackSessionEvent {
  const watchedSeconds = played.reduce((sum, column) => sum + (numberIn(cells, column) ?? 0), 0);
  const length = numberIn(cells, 'vid_length');
  return {
    source,
    id: neededTextIn(cells, 'run_id'),
    namespace,
    show: { title: neededTextIn(cells, 'yt_id') },
    startedAt: instantIn(cells, 'run_start'),
    watchedMs: Math.round(watchedSeconds * 1000),
    durationMs: length === null ? null : Math.round(length * 1000),
    rebufferCount: countIn(cells, 'pl_buffering_events'),
    bytes: countIn(cells, 'net_dl_total'),
    extra: unknownIn(cells, new Set(TEST_BED)),
  };
}

/** Tables of playback sessions, a row each. */
export const playbackSessions: Importer = {
  kind: 'playback-sessions',
  description: `playback sessions, a row each: columns ${PLAIN.needed.join(', ')} and, where known, ${PLAIN.others.join(', ')}; or csieber/yt-dataset`,
  parameters: {
    source: 'the system that counted them, which makes their ids unique; playback-sessions, or yt-dataset',
    namespace: 'the namespace of their shows where the row names none; playback-sessions, or yt-dataset',
  },
  async *read(bytes, parameters) {
    const { columns, rows } = await openDelimited(bytes, {
      expected: 'a table of playback sessions',
      needed: (seen) => (isTestBed(seen) ? TEST_BED : PLAIN.needed),
    });
    const played = columns.filter((column) => PLAYED_SECONDS.test(column));
    const convert = isTestBed(new Set(columns)) ? (cells: Cells) => fromTestBed(cells, played, parameters) : (cells: Cells) => fromPlain(cells, parameters);
    yield* toRows(rows, 'playback-session', convert);
  },
};
