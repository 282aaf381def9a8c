import { describe, expect, it } from 'vitest';
import type { Store } from '../store/port.ts';
import { createGatherer } from './gather.ts';

const store = {} as Store;

/** A promise and what fulfils it. */
function createSignal(): [promise: Promise<void>, fulfil: () => void] {
  let fulfil = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    fulfil = resolve;
  });
  return [promise, fulfil];
}

describe('a gatherer', () => {
  it('takes what arrives together in one commit, and gives each caller its own outcomes', async () => {
    const sizes: number[] = [];
    const send = createGatherer<number, number>(async (_, items) => {
      sizes.push(items.length);
      return items.map((item) => item * 10);
    });
    const outcomes = await Promise.all([send(store, [1]), send(store, [2, 3]), send(store, []), send(store, [4])]);
    expect(outcomes).toEqual([[10], [20, 30], [], [40]]);
    expect(sizes).toEqual([4]);
  });

  it('lets wait what arrives while a commit runs, and takes it with the next', async () => {
    const sizes: number[] = [];
    const [released, release] = createSignal();
    const [begun, begin] = createSignal();
    const send = createGatherer<number, number>(async (_, items) => {
      sizes.push(items.length);
      begin();
      await released;
      return items;
    });
    const first = send(store, [1]);
    await begun;
    const later = [send(store, [2]), send(store, [3])];
    release();
    expect(await Promise.all([first, ...later])).toEqual([[1], [2], [3]]);
    expect(sizes).toEqual([1, 2]);
  });

  it('fails only the caller whose items fail', async () => {
    const send = createGatherer<number, number>(async (_, items) => {
      if (items.includes(13)) throw new Error('13');
      return items;
    });
    const outcomes = await Promise.allSettled([send(store, [1]), send(store, [13]), send(store, [3])]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await send(store, [4])).toEqual([4]);
  });

  it('puts no more than 4,000 items of several callers into one commit', async () => {
    const sizes: number[] = [];
    const send = createGatherer<number, number>(async (_, items) => {
      sizes.push(items.length);
      return items;
    });
    const many = Array.from({ length: 3_000 }, (_, place) => place);
    await Promise.all([send(store, many), send(store, many), send(store, [1])]);
    expect(sizes).toEqual([3_000, 3_001]);
  });
});
