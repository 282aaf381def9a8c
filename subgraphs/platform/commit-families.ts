import type { Transaction } from '../../kit/store/port.ts';
import { ANCESTOR_BOUND, attribute, type JobName } from './attribution.ts';
import type { RunChange } from './change.ts';
import { families, jobs, runs } from './collections.ts';
import type { JobRunDocument } from './documents.ts';
import { groupOf } from './rollup.ts';

/** Descendants are read a page at a time; a parent may have any number of children. */
const PAGE = 1_000;

/**
 * Gives each changed run its team, and each run below one whose claim or place in the tree changed: what a late parent says
 * reaches its descendants in the same commit. Families mark the runs that have any, so that the others cost no search.
 */
export async function attributeFamilies(transaction: Transaction, changes: readonly RunChange[]): Promise<RunChange[]> {
  const known = new Map<string, RunChange>(changes.map((change) => [change.after.id, change]));
  await markFamilies(transaction, changes);
  await addDescendants(transaction, known);
  const ancestors = await readAncestors(transaction, known);
  holdLines(transaction, changes, known, ancestors);
  const names = await readJobNames(transaction, [...known.values()]);
  const find = (id: string): JobRunDocument | null => known.get(id)?.after ?? ancestors.get(id) ?? null;
  return [...known.values()].map(({ before, after }) => {
    if (after.fold === null) return { before, after };
    const team = attribute(after, names.get(after.jobId) ?? { namespace: '', name: '' }, find);
    return { before, after: { ...after, team, group: groupOf(after.origin, team) } };
  });
}

async function markFamilies(transaction: Transaction, changes: readonly RunChange[]): Promise<void> {
  const named = new Set(changes.flatMap(({ after }) => [after.parentId, after.rootId]).filter((id) => id !== null));
  const ids = [...named];
  if (ids.length === 0) return;
  const stored = await transaction.get(families, ids);
  ids.forEach((id, place) => {
    if ((stored[place] ?? null) === null) transaction.put(families, { id });
  });
}

/** True where what descendants inherit through a run may differ from before. */
function isNews({ before, after }: RunChange): boolean {
  return (
    JSON.stringify(before?.claim ?? null) !== JSON.stringify(after.claim) ||
    (before?.parentId ?? null) !== after.parentId ||
    (before?.rootId ?? null) !== after.rootId ||
    // The claim names the ancestor by its own run id, whose case may have changed.
    (before !== null && before.runId !== after.runId)
  );
}

/**
 * A run that comes in one process while another changes a run above it, or brings its parent, finds nothing of the other's and
 * is not found by it. So both hold the upper one: who reads it, there or not, and who has news of it.
 */
function holdLines(transaction: Transaction, changes: readonly RunChange[], known: ReadonlyMap<string, RunChange>, ancestors: ReadonlyMap<string, JobRunDocument>): void {
  const line = new Set(changes.filter(isNews).map(({ after }) => after.id));
  for (const { parentId, rootId } of [...[...known.values()].map(({ after }) => after), ...ancestors.values()]) {
    for (const id of [parentId, rootId]) if (id !== null) line.add(id);
  }
  for (const id of line) transaction.hold(id);
}

async function addDescendants(transaction: Transaction, known: Map<string, RunChange>): Promise<void> {
  let level = [...known.values()].filter(isNews).map(({ after }) => after.id);
  const visited = new Set(level);
  for (let depth = 0; depth <= ANCESTOR_BOUND + 1 && level.length > 0; depth++) {
    const marks = await transaction.get(families, level);
    const next: string[] = [];
    for (const [place, id] of level.entries()) {
      if ((marks[place] ?? null) === null) continue;
      const children = await readAll(transaction, 'byParent', id);
      // A root's claim reaches the runs that name it and those below them.
      const named = await readAll(transaction, 'byRoot', id);
      for (const run of [...children, ...named]) {
        if (!known.has(run.id)) known.set(run.id, { before: run, after: run });
      }
      for (const { id: child } of [...children, ...named]) {
        if (!visited.has(child)) next.push(child);
        visited.add(child);
      }
    }
    level = next;
  }
}

async function readAll(transaction: Transaction, index: 'byParent' | 'byRoot', id: string): Promise<JobRunDocument[]> {
  const found: JobRunDocument[] = [];
  for (let after: string | undefined; ; ) {
    const page = await transaction.scan(runs[index], { prefix: [id], limit: PAGE, ...(after === undefined ? {} : { after }) });
    found.push(...page.map(({ document }) => document));
    if (page.length < PAGE) return found;
    after = page.at(-1)?.position;
  }
}

async function readAncestors(transaction: Transaction, known: ReadonlyMap<string, RunChange>): Promise<Map<string, JobRunDocument>> {
  const ancestors = new Map<string, JobRunDocument>();
  const asked = new Set<string>(known.keys());
  let level: readonly Pick<JobRunDocument, 'parentId' | 'rootId'>[] = [...known.values()].map(({ after }) => after);
  for (let depth = 0; depth <= ANCESTOR_BOUND && level.length > 0; depth++) {
    const wanted = new Set<string>();
    for (const { parentId, rootId } of level) {
      for (const id of [parentId, rootId]) if (id !== null && !asked.has(id)) wanted.add(id);
    }
    if (wanted.size === 0) break;
    for (const id of wanted) asked.add(id);
    level = (await transaction.get(runs, [...wanted])).filter((run) => run !== null);
    for (const run of level as JobRunDocument[]) ancestors.set(run.id, run);
  }
  return ancestors;
}

async function readJobNames(transaction: Transaction, changes: readonly RunChange[]): Promise<Map<string, JobName>> {
  const names = new Map<string, JobName>();
  const unknown = new Set<string>();
  for (const { after } of changes) {
    if (after.fold === null) unknown.add(after.jobId);
    else names.set(after.jobId, { namespace: after.fold.job[1], name: after.fold.job[2] });
  }
  const ids = [...unknown].filter((id) => !names.has(id));
  if (ids.length > 0) for (const job of await transaction.get(jobs, ids)) if (job !== null) names.set(job.id, job);
  return names;
}
