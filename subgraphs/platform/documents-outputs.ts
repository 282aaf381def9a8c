import type { Origin } from '../../kit/graph/id.ts';
import type { Document } from '../../kit/store/port.ts';

export type OutputVerdict = 'GOOD' | 'BAD' | 'UNKNOWN';
export type OutputFault = 'WEB_PAGE' | 'NULL_CONTENT' | 'EMPTY' | 'ROW_LOSS' | 'COLUMN_GONE';

/** A stretch of bad outputs, as far as the outputs up to some moment tell. */
export interface BadStretch {
  readonly id: string;
  readonly fault: OutputFault;
  readonly detail: string;
  readonly since: number;
  readonly firstRunId: string;
  readonly lastRunId: string;
  readonly badOutputs: number;
}

/** All that judging the next output of a chain needs to know of those before. */
export interface ChainState {
  /** Rows of the last good output that recorded them. */
  readonly rows: number | null;
  /** The header of the last good output that recorded one. */
  readonly headerId: string | null;
  /** Of the last output that recorded one. */
  readonly contentHash: string | null;
  readonly verdict: OutputVerdict;
  readonly fault: OutputFault | null;
  readonly stretch: BadStretch | null;
}

/** What a run's events say of one output, as far as it is needed to judge it. */
export interface OutputFacts {
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly files: number | null;
  readonly headerId: string | null;
  readonly firstLine: string | null;
  readonly contentHash: string | null;
  readonly firstPeriodOn: string | null;
  readonly lastPeriodOn: string | null;
  readonly cadenceDays: number | null;
  /** True where rows were added to what was there, so that they say nothing of the whole. */
  readonly partial: boolean;
  /** True where the content itself was looked at, false where only statistics or a schema were. */
  readonly inspected: boolean;
}

export interface RunOutputDocument extends Document, OutputFacts {
  readonly runId: string;
  readonly jobId: string;
  readonly datasetId: string;
  readonly at: number;
  /** When the run ended well; null where it did not: then the output is no link of its job's chain. */
  readonly writtenAt: number | null;
  readonly verdict: OutputVerdict;
  readonly fault: OutputFault | null;
  readonly change: { readonly added: readonly string[]; readonly removed: readonly string[] } | null;
  readonly after: ChainState | null;
}

/** A header, kept once however many outputs have it. */
export interface HeaderDocument extends Document {
  readonly columns: readonly string[];
}

export interface IncidentDocument extends BadStretch, Document {
  readonly origin: Origin;
  readonly datasetId: string;
  readonly jobId: string;
  readonly until: number | null;
  /** False for a stretch that later knowledge undid. */
  readonly stands: boolean;
}
