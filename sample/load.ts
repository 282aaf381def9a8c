import { createReadStream } from 'node:fs';
import { importers } from '../importers/index.ts';
import { importFile } from '../importers/runner.ts';
import type { RejectedRow, Send } from '../importers/runner.ts';
import { projectPath } from '../kit/project.ts';
import { FACTS } from './facts.ts';
import type { FactFile } from './facts.ts';
import { SIZES, createStudio } from './studio/index.ts';
import type { Studio } from './studio/index.ts';

/**
 * How many events of one kind are sent at once. More than an import sends, since nobody waits in between, and a commit
 * writes each bucket once however many of its events it holds.
 */
const BATCH = 8000;

/** What became of one part of the sample. */
export interface PartSummary {
  readonly title: string;
  readonly accepted: number;
  readonly repeated: number;
  /** Those that were named; an event of the studio has no line, so its place in the stream stands there, from 1. */
  readonly rejected: readonly RejectedRow[];
  readonly durationMs: number;
}

/**
 * Loads the real facts, then the small studio. Loading again changes nothing: every event is then a repeat.
 * @throws FileError where a file of sample/facts is damaged or missing its importer; what `send` throws.
 */
export async function loadParts(send: Send, onPart: (summary: PartSummary) => void = () => {}): Promise<readonly PartSummary[]> {
  const parts = [...FACTS.map((fact) => () => loadFacts(fact, send)), () => loadStudio(createStudio(SIZES.small), send)];
  const summaries: PartSummary[] = [];
  for (const load of parts) {
    const summary = await load();
    summaries.push(summary);
    onPart(summary);
  }
  return summaries;
}

async function loadFacts({ file, title, kind, parameters }: FactFile, send: Send): Promise<PartSummary> {
  const startedAt = performance.now();
  const importer = importers.find((each) => each.kind === kind);
  if (importer === undefined) throw new Error(`${file}: expected an importer of the kind ${kind}, got ${importers.map((each) => each.kind).join(', ')}`);
  const { accepted, repeated, rejected } = await importFile(importer, createReadStream(projectPath('sample', 'facts', file)), parameters, send, { batchSize: BATCH });
  return { title, accepted, repeated, rejected, durationMs: performance.now() - startedAt };
}

/** Sends a whole studio in batches of one kind, each kind in its order. @throws what `send` throws */
export async function loadStudio(studio: Studio, send: Send): Promise<PartSummary> {
  const startedAt = performance.now();
  const total = { accepted: 0, repeated: 0 };
  const rejected: RejectedRow[] = [];
  const waiting = new Map<string, { readonly places: number[]; readonly events: object[] }>();
  const flush = async (kind: string): Promise<void> => {
    const batch = waiting.get(kind);
    if (batch === undefined) return;
    waiting.delete(kind);
    const receipt = await send(kind, batch.events);
    total.accepted += receipt.accepted;
    total.repeated += receipt.repeated;
    for (const { index, code, field, message } of receipt.rejected) rejected.push({ line: batch.places[index] ?? 0, code, field, message });
  };
  let place = 0;
  for (const { kind, event } of studio.play()) {
    const batch = waiting.get(kind) ?? { places: [], events: [] };
    waiting.set(kind, batch);
    batch.places.push((place += 1));
    batch.events.push(event);
    if (batch.events.length >= BATCH) await flush(kind);
  }
  for (const kind of [...waiting.keys()]) await flush(kind);
  return { title: 'simulated studio', ...total, rejected, durationMs: performance.now() - startedAt };
}
