import { parse } from 'graphql';
import { createLocalClient } from '../../gateway/execution/local-client.ts';
import type { SubgraphClient } from '../../gateway/execution/subgraph-client.ts';
import { createSupergraph } from '../../gateway/execution/supergraph.ts';
import { median } from './generated.ts';
import { composeLinkedGraph, createSubgraphSchema, linkedQuestion, SUBGRAPH_NAMES } from './linked-graph.ts';

/** How many shows are asked for: each leads to about twenty entities, of which those that are the same are asked once. */
const SIZES = [10, 100, 1_000];
const SLICES = 9;
const SLICE_MS = 300;

/**
 * How the time of a linked question divides between the subgraphs and the gateway, by the number of shows: a line each. The subgraphs answer
 * at once, so that the time in them is known to the call.
 */
export async function measureShares(): Promise<readonly string[]> {
  let inSubgraphs = 0;
  const watch = (client: SubgraphClient): SubgraphClient => ({
    ...client,
    execute(request, options) {
      const startedAt = performance.now();
      try {
        return client.execute(request, options);
      } finally {
        inSubgraphs += performance.now() - startedAt;
      }
    },
  });
  const supergraph = createSupergraph(composeLinkedGraph(), new Map(SUBGRAPH_NAMES.map((name) => [name, watch(createLocalClient(name, createSubgraphSchema(name), () => ({})))])));
  const lines: string[] = [];
  for (const shows of SIZES) {
    const document = parse(linkedQuestion(shows));
    const measure = async (ms: number): Promise<{ own: number; whole: number; text: number }> => {
      inSubgraphs = 0;
      let text = 0;
      let count = 0;
      const startedAt = performance.now();
      while (performance.now() - startedAt < ms) {
        const answer = await supergraph.execute({ document });
        const before = performance.now();
        JSON.stringify(answer);
        text += performance.now() - before;
        count += 1;
      }
      const whole = performance.now() - startedAt - text;
      return { own: (whole - inSubgraphs) / count, whole: whole / count, text: text / count };
    };
    await measure(2 * SLICE_MS);
    const slices = [];
    for (let slice = 0; slice < SLICES; slice++) slices.push(await measure(SLICE_MS));
    const own = median(slices.map((slice) => slice.own));
    const whole = median(slices.map((slice) => slice.whole));
    const text = median(slices.map((slice) => slice.text));
    lines.push(`  ${String(shows).padStart(5)} shows  own ${own.toFixed(3)} ms of ${whole.toFixed(3)} ms (${Math.round((own / whole) * 100)} %), ${((own / shows) * 1_000).toFixed(2)} µs a show; the answer's text ${text.toFixed(3)} ms more`);
  }
  return lines;
}
