import { shown } from './cells.ts';
import { readArtifacts } from './dbt-artifacts.ts';
import { createTelling, endOf, type Naming } from './dbt-events.ts';
import { type Catalog, catalogSchema, manifestSchema, type Project, type Result, resultSchema, type RunResults, runResultsSchema, toProject } from './dbt-shapes.ts';
import { FileError, type Importer, type Row } from './importer.ts';
import type { ZodError, ZodType } from 'zod';

const EXPECTED = "dbt's manifest.json and run_results.json, one behind the other in any order";

/** What of a call was read: a manifest, a catalog where there is one, and the results of any number of invocations. */
interface Told {
  manifest: unknown;
  catalog: unknown;
  readonly runs: { readonly line: number; readonly value: unknown }[];
}

/** The artifact that a value says it is, by the name in its schema's address: `https://schemas.getdbt.com/dbt/<kind>/v<n>.json`. */
function kindOf(value: unknown): string | null {
  const { metadata } = typeof value === 'object' && value !== null ? (value as { metadata?: { dbt_schema_version?: unknown } }) : {};
  const version = metadata?.dbt_schema_version;
  return typeof version === 'string' ? (/\/dbt\/([a-z-]+)\/v\d+/.exec(version)?.[1] ?? null) : null;
}

const faultOf = ({ issues: [issue] }: ZodError): string => `\`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? 'unreadable'}`;

function parseArtifact<T>(schema: ZodType<T>, value: unknown, name: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new FileError('FILE_WRONG_KIND', `expected ${name} as dbt writes it, got another form of ${faultOf(parsed.error)}`);
  return parsed.data;
}

async function readTold(bytes: AsyncIterable<Uint8Array>): Promise<Told> {
  const told: Told = { manifest: null, catalog: null, runs: [] };
  for await (const artifact of readArtifacts(bytes, EXPECTED)) {
    if ('problem' in artifact) throw new FileError('FILE_WRONG_KIND', `${artifact.problem}, in what begins in line ${artifact.line}`);
    for (const value of [artifact.value].flat()) {
      const kind = kindOf(value);
      if (kind === 'manifest') told.manifest = value;
      else if (kind === 'catalog') told.catalog = value;
      else if (kind === 'run-results') told.runs.push({ line: artifact.line, value });
      else throw new FileError('FILE_WRONG_KIND', `expected ${EXPECTED}, got ${kind === null ? 'JSON without `metadata.dbt_schema_version`' : `an artifact of the kind ${shown(kind)}`} in line ${artifact.line}`);
    }
  }
  return told;
}

function* rowsOf(line: number, project: Project, run: RunResults, naming: Naming): Generator<Row> {
  const telling = createTelling(project, run, naming);
  const known: Result[] = [];
  const rows: Row[] = [];
  const refuse = (field: string, message: string): void => {
    rows.push({ line, rejected: { code: 'ROW_INVALID', field, message } });
  };
  run.results.forEach((raw, place) => {
    const parsed = resultSchema.safeParse(raw);
    if (!parsed.success) return refuse(`results.${place}`, `expected a result as dbt writes it, got another form of ${faultOf(parsed.error)}`);
    const { data: result } = parsed;
    const node = project.nodes.get(result.unique_id);
    if (node === undefined) return refuse(`results.${place}.unique_id`, `expected a node of this manifest, got ${shown(result.unique_id)}: give the manifest of the same invocation`);
    if (endOf(result.status) === null) return refuse(`results.${place}.status`, `expected a status of dbt, got ${shown(result.status)}`);
    known.push(result);
    for (const event of telling.toNodeEvents(result.unique_id, node, result)) rows.push({ line, kind: 'openlineage', event });
  });
  // The parent first, so that its children find it.
  for (const event of telling.toWrapperEvents(known, run.elapsed_time ?? null)) yield { line, kind: 'openlineage', event };
  yield* rows;
}

/** What dbt did, from the files that it leaves in `target/`, where no OpenLineage is there. */
export const dbt: Importer = {
  kind: 'dbt',
  description: "dbt's run_results.json with its manifest.json (and catalog.json), given together in any order: a run a node, tests, lineage, owners",
  parameters: {
    namespace: 'the namespace of its jobs; adapter and project, such as `duckdb/jaunt`',
    datasetNamespace: 'the namespace of its datasets, such as `snowflake://account`; the adapter, such as `duckdb`',
  },
  isJoined: true,
  async *read(bytes, parameters) {
    const { manifest, catalog, runs } = await readTold(bytes);
    if (manifest === null) throw new FileError('FILE_MISSING_COLUMN', 'expected manifest.json beside run_results.json, got none: name both files in one command');
    if (runs.length === 0) throw new FileError('FILE_MISSING_COLUMN', 'expected run_results.json beside manifest.json, got none: name both files in one command');
    const project = toProject(parseArtifact(manifestSchema, manifest, 'manifest.json'), catalog === null ? null : parseArtifact<Catalog>(catalogSchema, catalog, 'catalog.json'));
    const naming = { jobs: parameters['namespace'] ?? `${project.adapter}/${project.name}`, datasets: parameters['datasetNamespace'] ?? project.adapter };
    for (const { line, value } of runs) yield* rowsOf(line, project, parseArtifact<RunResults>(runResultsSchema, value, 'run_results.json'), naming);
  },
};
