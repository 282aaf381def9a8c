import { Sketch } from '../../kit/rollup/sketch.ts';
import type { Transaction } from '../../kit/store/port.ts';
import type { RunChange } from './change.ts';
import { jobs } from './collections.ts';
import type { JobRunDocument } from './documents.ts';
import { durationOf } from './rollup.ts';

/** Keeps in each job how long its ended runs took, so that an open run can be judged without reading any other. The jobs are put already. */
export async function measureLengths(transaction: Transaction, changes: readonly RunChange[]): Promise<void> {
  const lengths = new Map<string, { readonly added: number[]; readonly removed: number[] }>();
  const note = (run: JobRunDocument | null, place: 'added' | 'removed'): void => {
    const length = run === null ? null : durationOf(run);
    if (run === null || length === null) return;
    const own = lengths.get(run.jobId) ?? { added: [], removed: [] };
    lengths.set(run.jobId, own);
    own[place].push(length);
  };
  for (const { before, after } of changes) {
    if (before?.jobId === after.jobId && durationOf(before) === durationOf(after)) continue;
    note(before, 'removed');
    note(after, 'added');
  }
  const stored = await transaction.get(jobs, [...lengths.keys()]);
  for (const job of stored) {
    if (job === null) continue;
    const sketch = Sketch.from(job.lengths);
    for (const length of lengths.get(job.id)?.added ?? []) sketch.add(length);
    for (const length of lengths.get(job.id)?.removed ?? []) sketch.remove(length);
    transaction.put(jobs, { ...job, lengths: sketch.count === 0 ? null : sketch.toBytes() });
  }
}
