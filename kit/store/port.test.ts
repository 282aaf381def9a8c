import { expect, it } from 'vitest';
import { defineCollection } from './port.ts';
import type { Document } from './port.ts';

interface Run extends Document {
  readonly jobId: string;
}

it('defines a collection whose indexes are its members', () => {
  const runs = defineCollection('test.runs', { byJob: (run: Run) => [run.jobId], byId: [3, (run: Run) => [run.id]] });
  expect(runs.indexes.map(({ name, version }) => [name, version])).toEqual([['byJob', 1], ['byId', 3]]);
  expect(runs.byJob.key({ id: 'a', jobId: 'b' })).toEqual(['b']);
  expect(runs.byId.collection.name).toBe('test.runs');
});

it.each(['name', 'indexes'])('refuses an index named %s, which a collection has itself', (name) => {
  expect(() => defineCollection('test.runs', { [name]: () => null })).toThrow(TypeError);
});
