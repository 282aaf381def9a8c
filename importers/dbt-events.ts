import { createHash } from 'node:crypto';
import type { Node, Project, Result, RunResults } from './dbt-shapes.ts';

/** Where jobs and datasets of a project are named; given by whoever imports, else made from the project. */
export interface Naming {
  readonly jobs: string;
  readonly datasets: string;
}

const PRODUCER = 'https://docs.getdbt.com/reference/artifacts/run-results-json';
const SCHEMA = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';

/** How a result's status reads as the end of a run. A test that found something to warn of ran well. */
const ENDS: Readonly<Record<string, 'COMPLETE' | 'FAIL' | 'ABORT'>> = {
  success: 'COMPLETE', pass: 'COMPLETE', warn: 'COMPLETE', 'no-op': 'COMPLETE', reused: 'COMPLETE',
  error: 'FAIL', fail: 'FAIL', 'runtime error': 'FAIL', 'partial success': 'FAIL',
  skipped: 'ABORT',
};

/** The end that a status means; null for a status that no version of dbt is known to write. */
export function endOf(status: string): 'COMPLETE' | 'FAIL' | 'ABORT' | null {
  return Object.hasOwn(ENDS, status.toLowerCase()) ? (ENDS[status.toLowerCase()] ?? null) : null;
}

const TABLES = new Set(['model', 'seed', 'snapshot', 'source']);
const TESTS = new Set(['test', 'unit_test']);
/** They add rows to what is there, so their rows say nothing of the whole. */
const PARTIAL = new Set(['incremental', 'snapshot', 'microbatch']);

/** The run of a node in an invocation, as a UUID that follows from both. */
export function runIdOf(invocation: string, node: string): string {
  const digest = createHash('sha256').update(JSON.stringify([invocation, node])).digest('hex');
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const facet = (body: object): object => ({ _producer: PRODUCER, _schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/BaseFacet', ...body });

/** Turns results of an invocation into OpenLineage run events. */
export function createTelling(project: Project, { metadata, args }: RunResults, naming: Naming) {
  const command = `dbt ${args?.which ?? 'invocation'}`;
  const parent = facet({ run: { runId: metadata.invocation_id }, job: { namespace: naming.jobs, name: command } });
  const engine = facet({ name: 'dbt', version: metadata.dbt_version ?? 'unknown' });

  /** The tables that nodes stand for; an ephemeral model stands for those that it reads. */
  function tablesOf(ids: readonly string[], seen = new Set<string>()): string[] {
    return ids.flatMap((id) => {
      const node = project.nodes.get(id);
      if (node === undefined || !TABLES.has(node.resource_type) || seen.has(id)) return [];
      seen.add(id);
      return node.config?.materialized === 'ephemeral' ? tablesOf(node.depends_on?.nodes ?? [], seen) : [id];
    });
  }

  function ownersOf(node: Node): { name: string; type?: string }[] {
    const named = node.meta?.['owner'] ?? node.config?.meta?.['owner'];
    const owners = (Array.isArray(named) ? named : [named]).filter(isText).map((name) => ({ name }));
    const group = node.group ?? node.config?.group;
    // A group owns what no owner is named of; or where the owner is a person.
    return isText(group) && owners.every(({ name }) => name.includes('@') && !name.startsWith('@')) ? [...owners, { name: `team:${group}`, type: 'team' }] : owners;
  }

  /** A test is of those who own what it tests, unless somebody owns the test. */
  function ownersFor(node: Node): { name: string; type?: string }[] {
    const own = ownersOf(node);
    if (own.length > 0 || !TESTS.has(node.resource_type)) return own;
    return [node.attached_node ?? '', ...(node.depends_on?.nodes ?? [])].flatMap((id) => project.nodes.get(id) ?? []).map(ownersOf).find((owners) => owners.length > 0) ?? [];
  }

  function toDataset(id: string): { namespace: string; name: string; facets: Record<string, object> } {
    const node = project.nodes.get(id);
    const parts = [node?.database, node?.schema, node?.alias ?? node?.identifier ?? node?.name];
    const columns = Object.values((project.catalog?.nodes[id] ?? project.catalog?.sources?.[id])?.columns ?? {}).sort((one, other) => (one.index ?? 0) - (other.index ?? 0));
    const owners = node === undefined ? [] : ownersOf(node);
    const describe = (name: string): object => {
      const told = Object.values(node?.columns ?? {}).find((column) => column.name?.toLowerCase() === name.toLowerCase())?.description;
      return isText(told) ? { description: told } : {};
    };
    return {
      namespace: naming.datasets,
      name: parts.filter(isText).join('.'),
      facets: {
        ...(isText(node?.description) ? { documentation: facet({ description: node.description }) } : {}),
        ...(owners.length > 0 ? { ownership: facet({ owners }) } : {}),
        ...(columns.length > 0 ? { schema: facet({ fields: columns.map(({ name, type }) => ({ name, ...(isText(type) ? { type } : {}), ...describe(name) })) }) } : {}),
      },
    };
  }

  function toAssertion(node: Node, { status, failures }: Result): object {
    const severity = node.config?.severity?.toLowerCase();
    const bound = severity === 'warn' ? node.config?.warn_if : node.config?.error_if;
    return {
      assertion: node.test_metadata?.name ?? node.name,
      name: node.name,
      success: status.toLowerCase() === 'pass',
      ...(isText(node.column_name) ? { column: node.column_name } : {}),
      ...(isText(severity) ? { severity } : {}),
      ...(isText(node.description) ? { description: node.description } : {}),
      ...(isText(bound) ? { expected: `no failures, where failures ${bound} is a failure` } : {}),
      ...(typeof failures === 'number' ? { actual: `${failures} failures` } : {}),
    };
  }

  function toInputs(node: Node, result: Result): object[] {
    const tables = tablesOf(node.depends_on?.nodes ?? []);
    // A test that was skipped or broke found nothing out.
    const isTold = node.resource_type === 'test' && ['pass', 'fail', 'warn'].includes(result.status.toLowerCase());
    return tables.map((id) => {
      const isTested = isTold && (!isText(node.attached_node) || node.attached_node === id || !tables.includes(node.attached_node));
      const { namespace, name } = toDataset(id);
      return { namespace, name, ...(isTested ? { inputFacets: { dataQualityAssertions: facet({ assertions: [toAssertion(node, result)] }) } } : {}) };
    });
  }

  function toOutputs(id: string, node: Node, result: Result): object[] {
    if (tablesOf([id]).length === 0 || node.config?.materialized === 'ephemeral' || TESTS.has(node.resource_type)) return [];
    const rows = result.adapter_response?.['rows_affected'];
    const statistics = Number.isSafeInteger(rows) && Number(rows) >= 0 ? { outputStatistics: facet({ rowCount: rows }) } : {};
    const partial = PARTIAL.has(node.config?.materialized ?? '') ? { loopgraph_write: facet({ partial: true }) } : {};
    return [{ ...toDataset(id), ...(endOf(result.status) === 'COMPLETE' ? { outputFacets: { ...statistics, ...partial } } : {}) }];
  }

  const toEvent = (eventType: string, eventTime: string, runId: string, name: string, facets: { run: object; job: object }, data: object): object => ({
    eventType, eventTime, producer: PRODUCER, schemaURL: SCHEMA,
    run: { runId, facets: { processing_engine: engine, ...facets.run } },
    job: { namespace: naming.jobs, name, facets: facets.job },
    ...data,
  });

  const timesOf = ({ timing }: Result): { started: string | null; ended: string | null } => ({
    started: (timing ?? []).flatMap((each) => each.started_at ?? []).sort()[0] ?? null,
    ended: (timing ?? []).flatMap((each) => each.completed_at ?? []).sort().at(-1) ?? null,
  });

  return {
    /** The events of one result: a start where dbt timed one, and an end. */
    toNodeEvents(id: string, node: Node, result: Result): object[] {
      const end = endOf(result.status) ?? 'FAIL';
      const { started, ended } = timesOf(result);
      const owners = ownersFor(node);
      const checksum = typeof node.checksum === 'string' ? node.checksum : node.checksum?.name === 'none' ? null : node.checksum?.checksum;
      const tags = [node.tags ?? []].flat().filter(isText);
      const job = {
        jobType: facet({ processingType: 'BATCH', integration: 'DBT', jobType: node.resource_type.toUpperCase() }),
        ...(isText(node.description) ? { documentation: facet({ description: node.description }) } : {}),
        ...(isText(checksum) ? { jobVersion: facet({ version: checksum }) } : {}),
        ...(tags.length > 0 ? { tags: facet({ tags: tags.map((tag) => ({ key: tag, value: 'true', source: 'DBT' })) }) } : {}),
        ...(owners.length > 0 ? { ownership: facet({ owners }) } : {}),
      };
      const run = { parent };
      const fault = end === 'FAIL' && isText(result.message) ? { errorMessage: facet({ message: result.message, programmingLanguage: 'SQL' }) } : {};
      const runId = runIdOf(metadata.invocation_id, id);
      const data = { inputs: toInputs(node, result), outputs: toOutputs(id, node, result) };
      return [
        ...(started === null ? [] : [toEvent('START', started, runId, id, { run, job }, {})]),
        toEvent(end, ended ?? metadata.generated_at, runId, id, { run: { ...run, ...fault }, job }, data),
      ];
    },
    /** The events of the invocation as a whole, which is the parent of all others. */
    toWrapperEvents(results: readonly Result[], elapsed: number | null): object[] {
      const generated = Date.parse(metadata.generated_at);
      const first = results.flatMap((result) => timesOf(result).started ?? []).sort()[0];
      const started = metadata.invocation_started_at ?? first ?? new Date(generated - (elapsed ?? 0) * 1_000).toISOString();
      const end = results.some(({ status }) => endOf(status) === 'FAIL') ? 'FAIL' : 'COMPLETE';
      const job = { jobType: facet({ processingType: 'BATCH', integration: 'DBT', jobType: 'INVOCATION' }) };
      return [
        toEvent('START', started, metadata.invocation_id, command, { run: {}, job }, {}),
        toEvent(end, metadata.generated_at, metadata.invocation_id, command, { run: {}, job }, {}),
      ];
    },
  };
}
