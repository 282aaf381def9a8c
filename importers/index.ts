import { cloudEventTypesOf } from '../kit/subgraph.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { createCloudEvents } from './cloudevents.ts';
import { dbt } from './dbt.ts';
import type { Importer } from './importer.ts';
import { netflixEngagement } from './netflix-engagement.ts';
import { netflixTop10 } from './netflix-top10.ts';
import { openlineage } from './openlineage.ts';
import { playbackSessions } from './playback-sessions.ts';
import { scrapeHistory } from './scrape-history.ts';
import { survey } from './survey.ts';
import { swf } from './swf.ts';

/** Every kind of file that loopgraph reads, one line each. */
export const importers: readonly Importer[] = [
  createCloudEvents(cloudEventTypesOf(subgraphs)),
  dbt,
  netflixEngagement,
  netflixTop10,
  openlineage,
  playbackSessions,
  scrapeHistory,
  survey,
  swf,
];
