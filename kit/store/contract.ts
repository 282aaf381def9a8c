import { describe } from 'vitest';
import { describeCommits } from './contract-commits.ts';
import { describeDocuments } from './contract-documents.ts';
import { describeIndexChanges } from './contract-indexes.ts';
import { describeScans } from './contract-scans.ts';
import type { TestStores } from './test-stores.ts';

/** What every adapter holds to. Call it inside a `describe` of the adapter. */
export function describeStore(stores: TestStores): void {
  describe('documents', () => {
    describeDocuments(stores);
  });
  describe('scans', () => {
    describeScans(stores);
  });
  describe('commits', () => {
    describeCommits(stores);
  });
  describe('changes of indexes', () => {
    describeIndexChanges(stores);
  });
}
