import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPseudonym } from '../kit/ingest/pseudonym.ts';
import { projectPath } from '../kit/project.ts';
import type { Difference } from '../kit/rebuild/differences.ts';
import { rebuild } from '../kit/rebuild/rebuild.ts';
import { openStore } from '../kit/store/index.ts';
import type { Store } from '../kit/store/index.ts';
import type { Send } from '../importers/runner.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { FACTS } from './facts.ts';
import { loadParts, loadSample } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'loopgraph-sample-'));
const stores: Store[] = [];

async function openSend(): Promise<Send> {
  const store = await openStore(`lmdb:${folder}`, subgraphs.flatMap(({ collections }) => collections));
  stores.push(store);
  const surroundings = { store, pseudonym: createPseudonym('the key of a test, 32 characters.'), now: () => Date.parse('2026-06-01T00:00:00Z') };
  const receivers = new Map(subgraphs.flatMap((subgraph) => Object.entries(subgraph.receivers)));
  return async (kind, events) => {
    const receiver = receivers.get(kind);
    if (receiver === undefined) throw new Error(`no subgraph takes ${kind}`);
    return receiver(surroundings, events);
  };
}

afterAll(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the sample', () => {
  it('is taken whole, and loading it again changes nothing', async () => {
    const send = await openSend();
    const first = await loadParts(send);
    expect(first.flatMap(({ rejected }) => rejected)).toEqual([]);
    expect(first.map(({ accepted, repeated }) => accepted + repeated).every((events) => events > 0)).toBe(true);
    const lines: string[] = [];
    await loadSample(send, (line) => lines.push(line));
    expect(lines).toHaveLength(first.length);
    expect(lines.filter((line) => !/: 0 events, \d+ known already \(/.test(line))).toEqual([]);
  }, 180_000);

  it('can be computed anew from the events that are kept, and nothing differs', async () => {
    const store = stores.at(-1) as Store;
    for (const subgraph of subgraphs) {
      const computed = await openStore(`lmdb:${mkdtempSync(join(folder, 'computed-'))}`, subgraph.collections);
      const differences: Difference[] = [];
      await rebuild(subgraph, store, computed, { onDifference: (difference) => differences.push(difference) });
      await computed.close();
      expect(differences.slice(0, 3)).toEqual([]);
    }
  }, 180_000);

  it('counts nothing where another process owns the kinds', async () => {
    const none = { accepted: 0, repeated: 0, rejected: [] };
    const parts = await loadParts(async () => none);
    expect(parts.every(({ accepted, repeated, rejected }) => accepted + repeated + rejected.length === 0)).toBe(true);
  });

  it('ships each file of facts, with a line on its source, and no other', () => {
    const files = readdirSync(projectPath('sample', 'facts')).filter((file) => file !== 'README.md');
    expect(files.toSorted()).toEqual(FACTS.map(({ file }) => file).toSorted());
    const sources = readFileSync(projectPath('sample', 'facts', 'README.md'), 'utf8');
    for (const file of files) expect(sources).toContain(`| \`${file}\` |`);
    expect(files.reduce((total, file) => total + statSync(projectPath('sample', 'facts', file)).size, 0)).toBeLessThan(1_500_000);
  });

  it('holds the facts as they were extracted', () => {
    const digest = createHash('sha256');
    for (const { file } of FACTS) digest.update(readFileSync(projectPath('sample', 'facts', file)));
    expect(digest.digest('hex')).toBe('9ca5cf832422e5c5ab0ab96a1f1cd01d32aba9ebc069099d7efdcfa718d6a823');
  });
});
