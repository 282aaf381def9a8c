/** Metrics are rollups: what a subgraph writes buckets with, and reads them by. */
export * from './documents.ts';
export { applyContributions, type Recompute } from './apply.ts';
export { readSeries } from './series.ts';
export { createTotals, type DurationDistribution, mergeTotals, toDurationDistribution, type Totals } from './totals.ts';
