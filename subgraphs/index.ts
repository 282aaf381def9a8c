import type { Subgraph } from '../kit/subgraph.ts';
import { feedback } from './feedback/index.ts';
import { platform } from './platform/index.ts';
import { viewing } from './viewing/index.ts';

/** Every subgraph that loopgraph serves: a new one is its folder and one line here. */
export const subgraphs: readonly Subgraph[] = [viewing, platform, feedback];
