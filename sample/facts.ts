import type { Parameters } from '../importers/importer.ts';

/** A file of sample/facts and how it is read; sample/facts/README.md says where it comes from. */
export interface FactFile {
  readonly file: string;
  /** What a person reads while it loads. */
  readonly title: string;
  /** The importer's kind. */
  readonly kind: string;
  readonly parameters: Parameters;
}

/** In the order in which they load. */
export const FACTS: readonly FactFile[] = [
  {
    file: 'netflix-top10-scrape-runs.jsonl.gz',
    title: 'runs of the job that collects the Netflix Top 10',
    kind: 'scrape-history',
    parameters: {},
  },
  {
    file: 'netflix-top10-scrape-job-history.json.gz',
    title: 'versions of that job',
    kind: 'scrape-history',
    parameters: {},
  },
  { file: 'netflix-top10-global.tsv.gz', title: 'Netflix Top 10, weekly', kind: 'netflix-top10', parameters: {} },
  { file: 'netflix-engagement.csv.gz', title: 'Netflix engagement reports', kind: 'netflix-engagement', parameters: {} },
  { file: 'openlineage-recorded-runs.jsonl.gz', title: 'recorded runs of Spark and Airflow', kind: 'openlineage', parameters: {} },
  { file: 'openlineage-handwritten.jsonl.gz', title: 'unusual OpenLineage events', kind: 'openlineage', parameters: {} },
  { file: 'LCG-2005-1.swf.gz', title: 'jobs of the LHC Computing Grid', kind: 'swf', parameters: {} },
  {
    file: 'jupyter-2020-surveymonkey.csv.gz',
    title: 'Jupyter survey of 2020',
    kind: 'survey',
    parameters: { namespace: 'jupyter', name: 'Jupyter survey', edition: '2020' },
  },
];
