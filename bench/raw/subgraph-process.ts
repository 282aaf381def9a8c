import { announce } from './contestant.ts';
import { createSubgraphSchema } from './linked-graph.ts';
import { serveSubgraph } from './subgraph-server.ts';

/* One of the three subgraphs in a process of its own: `node subgraph-process.js NAME`. */

const { url } = await serveSubgraph(createSubgraphSchema(process.argv[2] ?? ''));
announce(url);
