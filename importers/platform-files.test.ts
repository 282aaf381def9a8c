import { createReadStream } from 'node:fs';
import { expect } from 'vitest';
import { describeOnEachStore } from '../kit/store/test-stores.ts';
import { itWithRealData } from '../kit/test-data.ts';
import { collections, createDesk, type Desk } from '../subgraphs/platform/fixtures.ts';
import type { Importer } from './importer.ts';
import { openlineage } from './openlineage.ts';
import { importFile, type Summary } from './runner.ts';
import { scrapeHistory } from './scrape-history.ts';
import { swf } from './swf.ts';

const load = (desk: Desk, importer: Importer, file: string, batchSize?: number): Promise<Summary> =>
  importFile(importer, createReadStream(file), {}, desk.send, batchSize === undefined ? {} : { batchSize });

const RECORDED = 'platform/openlineage-recorded-runs.jsonl';
const HANDWRITTEN = 'platform/openlineage-handwritten.jsonl';
const TEMPLATE = 'platform/marquez-food-delivery.template.json';
const HISTORY = 'platform/netflix-top10-scrape-runs.jsonl';
const LCG = 'platform/LCG-2005-1.swf.gz';

await describeOnEachStore('files of the platform', ({ name, open }) => {
  itWithRealData('are taken row by row, and again as repeats', [RECORDED, HANDWRITTEN, TEMPLATE, HISTORY], async (recorded, handwritten, template, history) => {
    const desk = createDesk(await open(collections));
    const files: readonly [Importer, string | undefined, number, number][] = [
      [openlineage, recorded, 53, 0],
      [openlineage, handwritten, 20, 0],
      [openlineage, template, 0, 26],
      [scrapeHistory, history, 160, 0],
    ];
    for (const [importer, file, taken, refused] of files) {
      const summary = await load(desk, importer, file ?? '');
      expect([summary.accepted + summary.repeated, summary.rejectedTotal]).toEqual([taken, refused]);
      console.log(file, summary.accepted, summary.repeated, summary.rejected.slice(0,2));
      const again = await load(desk, importer, file ?? '');
      expect([again.accepted, again.repeated, again.rejectedTotal]).toEqual([0, taken, refused]);
    }
    const out = await desk.ask(`{ outages { since until incidents { output fault since until badOutputs detail } }
      staleDatasets(at: "2024-12-15T00:00:00Z") { dataset { name } freshness { newestPeriodOn lagDays cadenceDays usualDelayDays stale } }
      datasets(first: 5) { totalCount nodes { namespace name columns { name type } writers { name } schemaChanges { at change { added removed } } freshness { stale newestPeriodOn } } }
      job(namespace: "netflix-top10", name: "Scrape Netflix Top 10") { latestRun { id state endedAt outputs { dataset { name } rows verdict lastPeriodOn } } versions { version firstSeenAt } outputs { name partition(fromOn: "2024-11-04", toOn: "2024-11-11") { firstRun { endedAt } lastRun { endedAt } } } downstream { jobs { name } truncated } }
      runs(first: 3) { totalCount nodes { state startedAt job { name } team { basis } outputs { rows } facets } } jobs { totalCount } }`);
    console.log(JSON.stringify(out, null, 1));
  });
  itWithRealData('swf', [LCG], async (file) => {
    const desk = createDesk(await open(collections));
    const start = performance.now();
    const summary = await load(desk, swf, file ?? '');
    console.log(name, performance.now() - start, summary.accepted, summary.repeated, summary.rejectedTotal, summary.rejected.slice(0, 3));
    const t2 = performance.now();
    const out = await desk.ask(`{ platformUse(window: {from: "2005-11-20", to: "2005-12-06", timeZone: "Asia/Kolkata", granularity: WHOLE}) { total { whole { runsStarted runsEnded runHours distinctUsers runTime { p50Ms p95Ms sampleSize } } } attributed { whole { runsStarted } } unattributed { whole { runsStarted } } groups { team { id } shareOfRunTime use { whole { runsStarted } } } } }`);
    console.log(performance.now() - t2, JSON.stringify(out).slice(0, 1500));
    expect(summary.rows).toBe(188_041);
  });
});
