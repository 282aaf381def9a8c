import { z } from 'zod';
import { DAY_MS, isCalendarDate, parseInstant } from '../../kit/ingest/time.ts';

const wellFormed = (text: string): boolean => text.isWellFormed();
const name = z
  .string()
  .min(1, 'expected a text that is not empty')
  .max(2_000)
  .refine(wellFormed, { error: 'expected whole characters, got half of one' });
/** Namespaces stand in index keys, which stores bound. */
const namespace = name.refine((text) => text.length <= 200, { error: 'expected at most 200 characters' });
const day = z.string().refine(isCalendarDate, { error: 'expected a date of the calendar such as 2024-11-17' });
const instant = z
  .string()
  .refine((text) => parseInstant(text) !== null, { error: 'expected an RFC 3339 instant such as 2024-11-17T00:00:00Z' });
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const amount = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
/** Milliseconds of one session: at most 30 days, since one absurd length would make the sums of all others inexact. */
export const LONGEST_MS = 30 * DAY_MS;
const wholeMs = z.number().int().min(0).max(LONGEST_MS);
const partMs = z.number().min(0).max(LONGEST_MS);

/** Whether a title is a film or a series; null where nobody said. */
const showKind = z.enum(['FILM', 'SERIES']);

/** A dataset as OpenLineage names it. */
const datasetName = z.object({ namespace, name });

/** A show as published: its title, its season's title, its kind and its qualifier are its natural key within a namespace. */
const showName = z.object({
  title: name,
  season: name.nullish(),
  kind: showKind.nullish(),
  /** What tells it from another work that its source publishes under all of these, such as `Non-English`; absent where none does. */
  qualifier: name.nullish(),
});

/**
 * One row of a published viewing report. Identity: namespace, report, title, season, kind, qualifier, category, country,
 * period, days since release, release date, occurrence. The same identity with other content is a restatement.
 */
export const publishedReportEvent = showName.extend({
  /** With `id`, the event's own identity as CloudEvents has it, where it has one: nothing else may come under them. */
  source: name.nullish(),
  id: name.nullish(),
  namespace,
  /** The publication that the row stands in, such as `Netflix Top 10 Global` or `2023Jan-Jun`. */
  report: name,
  /** What other sources call the same; the season's title, or else the title, where it is not given. */
  matchTitle: name.nullish(),
  /** The days it counts: `from` inclusive, `to` exclusive. Absent where it counts days since each release. */
  period: z
    .object({ from: day, to: day })
    .refine(({ from, to }) => from < to, { error: 'expected a period whose `to` is after its `from`' })
    .nullish(),
  /** How many days from the release it counts, where it has no period. */
  daysSinceRelease: count.nullish(),
  hoursViewed: z.number().min(0).max(1e11).nullish(),
  /** The unit that the hours are rounded to by their publisher, such as 100,000. */
  hoursRoundedTo: amount.nullish(),
  views: amount.nullish(),
  runtimeMinutes: amount.nullish(),
  rank: count.nullish(),
  category: name.nullish(),
  cumulativeWeeks: count.nullish(),
  availableGlobally: z.boolean().nullish(),
  releasedOn: day.nullish(),
  /** ISO 3166 alpha-2, or the publisher's name of a country; absent where the figure is of the whole world. */
  country: name.refine((text) => text.length <= 100, { error: 'expected at most 100 characters' }).nullish(),
  /** Tells apart rows of one publication that are equal in all else of the identity: 1 or absent for the first. */
  occurrence: z.number().int().min(1).max(1_000_000).nullish(),
  /** The dataset that holds the row. */
  dataset: datasetName.nullish(),
  /** Where in the publication the row stands; not part of its content. */
  place: z.record(z.string(), z.unknown()).nullish(),
  /** What else the row says. */
  extra: z.record(z.string(), z.unknown()).nullish(),
  /** When this figure was published; the moment of its receipt counts where nobody knows. */
  publishedAt: instant.nullish(),
});
export type PublishedReportEvent = z.infer<typeof publishedReportEvent>;

/** What a system says of a show: the team that makes it and the datasets that hold its viewing. Identity: source and id. */
export const showEvent = showName.extend({
  source: name,
  id: name,
  time: instant.nullish(),
  namespace,
  /** What other sources call the same; for a player's content id, the title by which it is published. */
  matchTitle: name.nullish(),
  team: name.nullish(),
  datasets: z.array(datasetName).max(1_000).nullish(),
});
export type ShowEvent = z.infer<typeof showEvent>;

/** One playback by one person on one device. Identity: source and id. Fields that are not named here are kept as they came. */
export const playbackSessionEvent = z.looseObject({
  source: name,
  id: name,
  namespace,
  /** Absent where nobody knows what was played. */
  show: showName.nullish(),
  startedAt: instant,
  /** Playing time, without pauses and rebuffering. */
  watchedMs: wholeMs,
  /** The length of what was played. */
  durationMs: wholeMs.nullish(),
  /** From asking to the first picture. */
  startupMs: partMs.nullish(),
  rebufferMs: partMs.nullish(),
  rebufferCount: z.number().int().min(0).max(1_000_000).nullish(),
  bytes: z.number().int().min(0).max(1e15).nullish(),
  /** Mean bitrate of what was played, in kilobits a second. */
  bitrateKbps: z.number().min(0).max(10_000_000).nullish(),
  /** How many errors the player met. */
  errors: z.number().int().min(0).max(1_000_000).nullish(),
  device: name.nullish(),
  country: name.nullish(),
  /** Whoever watched; stored as a keyed hash only. */
  user: name.nullish(),
});
export type PlaybackSessionEvent = z.infer<typeof playbackSessionEvent>;
