import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { projectPath } from '../kit/project.ts';

/** What tests compute themselves from the shipped files, with nothing of loopgraph's between: plain splits and loops. */

/** The lines of a file of sample/facts that are not empty. */
export function readFacts(file: string): string[] {
  return gunzipSync(readFileSync(projectPath('sample', 'facts', file))).toString('utf8').split(/\r?\n/).filter((line) => line !== '');
}

const DAY = 86_400_000;

/** A date some days later, such as `2022-11-27` and -6. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10);
}

/** Hours by the last day of the week, as the Top 10 has them, of one show. */
export function readWeeks(title: string, season: string): Map<string, number> {
  const [header = '', ...rows] = readFacts('netflix-top10-global.tsv.gz');
  const columns = header.split('\t');
  const cells = rows.map((row) => Object.fromEntries(row.split('\t').map((cell, place) => [columns[place] ?? '', cell])));
  const own = cells.filter((row) => row['show_title'] === title && row['season_title'] === season);
  return new Map(own.map((row) => [row['week'] ?? '', Number(row['weekly_hours_viewed'])]));
}

/** One content of the global file that the scrape job's bot left, as its history records it. */
export interface ScrapeOutput {
  /** UTC. */
  readonly at: string;
  readonly bad: boolean;
  readonly minWeek: string | null;
  readonly maxWeek: string | null;
}

interface ScrapeLine {
  readonly by: string;
  readonly committed_at: string;
  readonly outputs: readonly { path: string; changed: boolean; first_line?: string | null; min_week?: string; max_week?: string }[];
}

/** Every change of the global file by the bot, in the order of the history. */
export function readScrapeOutputs(): ScrapeOutput[] {
  const lines = readFacts('netflix-top10-scrape-runs.jsonl.gz').map((line) => JSON.parse(line) as ScrapeLine);
  return lines.filter(({ by }) => by === 'bot').flatMap(({ committed_at, outputs }) =>
    outputs.filter(({ path, changed }) => changed && path === 'all-weeks-global.tsv').map(({ first_line, min_week, max_week }) => ({
      at: new Date(committed_at).toISOString(),
      bad: typeof first_line === 'string' && (first_line.startsWith('<') || first_line === 'null'),
      minWeek: min_week ?? null,
      maxWeek: max_week ?? null,
    })),
  );
}

/**
 * The lag of the newest week among the weeks written by a moment, and whether it is stale: behind by more than a cadence of
 * a week, the median days from a week's end to its first writing, and a day.
 */
export function toStaleness(outputs: readonly ScrapeOutput[], at: string): { newest: string; lagDays: number; stale: boolean } {
  const firsts = new Map<string, string>();
  for (const { maxWeek, at: writtenAt, bad } of outputs) {
    if (maxWeek !== null && !bad && writtenAt <= at && !firsts.has(maxWeek)) firsts.set(maxWeek, writtenAt);
  }
  const newest = [...firsts.keys()].toSorted().at(-1) ?? '';
  const daysBetween = (from: string, to: string): number => Math.floor((Date.parse(to) - Date.parse(from)) / DAY);
  const delays = [...firsts].slice(-64).map(([week, writtenAt]) => daysBetween(week, writtenAt)).toSorted((a, b) => a - b);
  const lagDays = daysBetween(newest, at);
  return { newest, lagDays, stale: lagDays > 7 + (delays[delays.length >> 1] ?? 0) + 1 };
}

/** A job of the shipped grid log: its group, user, moment of submission in ms and run time in ms, null where it is not known. */
export interface GridJob {
  readonly group: string;
  readonly user: string;
  readonly submittedAt: number;
  readonly runMs: number | null;
}

export function readGridJobs(): GridJob[] {
  const lines = readFacts('LCG-2005-1.swf.gz');
  const startMs = Number(lines.find((line) => line.includes('UnixStartTime'))?.split(':')[1]) * 1000;
  return lines.filter((line) => !line.startsWith(';')).map((line) => {
    const cells = line.trim().split(/\s+/);
    const seconds = Number(cells[3]);
    return { group: cells[12] ?? '', user: cells[11] ?? '', submittedAt: startMs + Number(cells[1]) * 1000, runMs: seconds < 0 ? null : seconds * 1000 };
  });
}
