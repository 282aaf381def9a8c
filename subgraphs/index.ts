import type { Subgraph } from '../kit/subgraph.ts';

/** Every subgraph that loopgraph serves: a new one is its folder and one line here. */
export const subgraphs: readonly Subgraph[] = [
  (await import('./viewing/index.ts')).viewing,
  (await import('./platform/index.ts')).platform,
  (await import('./feedback/index.ts')).feedback,
  (await import('./intake/index.ts')).intake,
];
