import { z } from 'zod';

/** What is read of dbt's artifacts: https://schemas.getdbt.com. Fields that later versions add are let through unread. */

const text = z.string().nullish();
const names = z.array(z.string()).nullish();

/** A node of manifest.json: model, seed, snapshot, test, source and so on, from version 4 on. */
const nodeSchema = z.object({
  resource_type: z.string(),
  database: text,
  schema: text,
  name: z.string(),
  alias: text,
  identifier: text,
  description: text,
  group: text,
  meta: z.record(z.string(), z.unknown()).nullish(),
  tags: z.union([z.string(), z.array(z.string())]).nullish(),
  config: z.object({
    materialized: text,
    severity: text,
    error_if: text,
    warn_if: text,
    group: text,
    meta: z.record(z.string(), z.unknown()).nullish(),
  }).nullish(),
  checksum: z.union([z.string(), z.object({ name: text, checksum: text })]).nullish(),
  columns: z.record(z.string(), z.object({ name: text, description: text })).nullish(),
  depends_on: z.object({ nodes: names }).nullish(),
  attached_node: text,
  column_name: text,
  test_metadata: z.object({ name: z.string() }).nullish(),
});

export type Node = z.infer<typeof nodeSchema>;

const metadata = z.object({
  dbt_schema_version: text,
  dbt_version: text,
  generated_at: z.string(),
  invocation_id: text,
  invocation_started_at: text,
  adapter_type: text,
  project_name: text,
});

/** A result of run_results.json, from version 1 on. */
export const resultSchema = z.object({
  unique_id: z.string(),
  status: z.string(),
  timing: z.array(z.object({ started_at: text, completed_at: text })).nullish(),
  execution_time: z.number().nullish(),
  adapter_response: z.record(z.string(), z.unknown()).nullish(),
  message: z.unknown(),
  failures: z.number().nullish(),
});

export type Result = z.infer<typeof resultSchema>;

/** run_results.json; each result is read by itself, so that one that cannot be read leaves the others. */
export const runResultsSchema = z.object({
  metadata: metadata.extend({ invocation_id: z.string().min(1) }),
  results: z.array(z.unknown()),
  elapsed_time: z.number().nullish(),
  args: z.object({ which: text }).nullish(),
});

export type RunResults = z.infer<typeof runResultsSchema>;

const nodes = z.record(z.string(), z.unknown());

/** manifest.json. */
export const manifestSchema = z.object({ metadata, nodes, sources: nodes.nullish(), unit_tests: nodes.nullish() });

/** catalog.json, which `dbt docs generate` writes: the columns as the warehouse has them. */
export const catalogSchema = z.object({
  metadata,
  nodes: z.record(z.string(), z.object({ columns: z.record(z.string(), z.object({ name: z.string(), type: text, index: z.number().nullish() })) })),
  sources: z.record(z.string(), z.object({ columns: z.record(z.string(), z.object({ name: z.string(), type: text, index: z.number().nullish() })) })).nullish(),
});

export type Catalog = z.infer<typeof catalogSchema>;

/** The nodes of a project by unique id, and what its events are named with. */
export interface Project {
  readonly name: string;
  readonly adapter: string;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly catalog: Catalog | null;
}

/** A manifest as far as it is read. Nodes that cannot be read are left out: their results say so. */
export function toProject(manifest: z.infer<typeof manifestSchema>, catalog: Catalog | null): Project {
  const nodes = new Map<string, Node>();
  for (const [id, raw] of Object.entries({ ...manifest.nodes, ...manifest.sources, ...manifest.unit_tests })) {
    const node = nodeSchema.safeParse(raw);
    if (node.success) nodes.set(id, node.data);
  }
  // Before version 1.7 of dbt the manifest does not name its project; its nodes do.
  const [first = ''] = Object.keys(manifest.nodes);
  return { name: manifest.metadata.project_name ?? first.split('.')[1] ?? 'project', adapter: manifest.metadata.adapter_type ?? 'dbt', nodes, catalog };
}
