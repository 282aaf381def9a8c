import { parse } from 'graphql';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { toScale } from '../../kit/test-scale.ts';
import { createLibraryRig } from './test-library.ts';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

describe('distinct operations', () => {
  it('do not grow memory once the caches are full', async () => {
    const { supergraph, requests } = createLibraryRig();
    let asked = 0;
    const askMore = async (count: number): Promise<number> => {
      const end = asked + count;
      for (; asked < end; asked++) {
        requests.length = 0;
        const { errors } = await supergraph.execute({ document: parse(`query Q${asked} { books(n: ${asked % 3}) { id t${asked}: title price(cur: "C${asked}") } }`) });
        if (errors) throw errors[0];
      }
      collect();
      return process.memoryUsage().heapUsed;
    };
    // 1,000 documents keep their plans; each subgraph's client keeps 2,000 operations of plans.
    const full = await askMore(2_500);
    const after = await askMore(toScale(10_000));
    expect(after - full).toBeLessThan(4_000_000);
  });
});
