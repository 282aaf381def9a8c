import { SIMULATED_NAMESPACE } from '../../kit/graph/id.ts';
import { toInstant } from './clock.ts';
import type { Beat } from './life.ts';

/** Who made an event up: the address says so, and is none that can be reached. */
export const PRODUCER = 'https://loopgraph.example/simulated-studio/1.0.0';
const SPECIFICATION = 'https://openlineage.io/spec';

export type Facets = Record<string, object>;

/** An input or output as OpenLineage has it. */
export interface DatasetPart {
  readonly namespace: string;
  readonly name: string;
  readonly facets: Facets;
  readonly outputFacets?: Facets;
}

/** A facet of OpenLineage's own, such as `ParentRunFacet` in its version `1-2-0`. */
export function toFacet<T extends object>(name: string, version: string, content: T): T & { _producer: string; _schemaURL: string } {
  return { _producer: PRODUCER, _schemaURL: `${SPECIFICATION}/facets/${version}/${name}.json#/$defs/${name}`, ...content };
}

/** A facet that OpenLineage does not name, as its emitters send them: under the general definition of its place. */
export function toCustomFacet<T extends object>(place: 'RunFacet' | 'JobFacet' | 'OutputDatasetFacet', content: T): T & { _producer: string; _schemaURL: string } {
  return { _producer: PRODUCER, _schemaURL: `${SPECIFICATION}/2-0-2/OpenLineage.json#/$defs/${place}`, ...content };
}

export interface RunEventParts {
  readonly beat: Beat;
  readonly runId: string;
  readonly job: string;
  readonly runFacets: Facets;
  readonly jobFacets: Facets;
  readonly inputs: readonly DatasetPart[];
  readonly outputs: readonly DatasetPart[];
}

export function toRunEvent(parts: RunEventParts): object {
  return {
    eventTime: toInstant(parts.beat.at),
    producer: PRODUCER,
    schemaURL: `${SPECIFICATION}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
    eventType: parts.beat.type,
    run: { runId: parts.runId, facets: parts.runFacets },
    job: { namespace: SIMULATED_NAMESPACE, name: parts.job, facets: parts.jobFacets },
    inputs: parts.inputs,
    outputs: parts.outputs,
  };
}

/** What a job says of itself without running. */
export function toJobEvent(at: number, job: string, facets: Facets): object {
  return {
    eventTime: toInstant(at),
    producer: PRODUCER,
    schemaURL: `${SPECIFICATION}/2-0-2/OpenLineage.json#/$defs/JobEvent`,
    job: { namespace: SIMULATED_NAMESPACE, name: job, facets },
    inputs: [],
    outputs: [],
  };
}

/** What is said of a dataset without a run. */
export function toDatasetEvent(at: number, name: string, facets: Facets): object {
  return {
    eventTime: toInstant(at),
    producer: PRODUCER,
    schemaURL: `${SPECIFICATION}/2-0-2/OpenLineage.json#/$defs/DatasetEvent`,
    dataset: { namespace: SIMULATED_NAMESPACE, name, facets },
  };
}
