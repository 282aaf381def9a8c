import type { Connection, PageArguments, ParentPage } from '../../kit/graph/connection.ts';
import type { Key } from '../../kit/store/port.ts';
import type { JobRunDocument } from './documents.ts';
import type { RunFilter, RunOrder } from './schema.generated.ts';

/** The arguments of every list of runs. */
export interface RunArguments extends PageArguments {
  readonly filter?: RunFilter | null | undefined;
  readonly orderBy: RunOrder;
}

type RunPages = { load(page: ParentPage): Promise<Connection<JobRunDocument>> };

/** The stretch of an index that a filter and an order ask for, under a scope such as a job. */
export function stretchOf(scope: Key, { filter, orderBy }: Pick<RunArguments, 'filter' | 'orderBy'>): {
  prefix: Key;
  from?: number;
  to?: number;
  reverse: boolean;
} {
  return {
    prefix: filter?.state == null ? scope : [...scope, filter.state],
    ...(filter?.startedFrom == null ? {} : { from: filter.startedFrom }),
    ...(filter?.startedTo == null ? {} : { to: filter.startedTo }),
    reverse: orderBy === 'STARTED_AT_DESC',
  };
}

/** A page of runs under a scope, from the index by state where a state is asked for. */
export function pageRuns(all: RunPages, byState: RunPages, scope: Key, args: RunArguments): Promise<Connection<JobRunDocument>> {
  const { first, after } = args;
  return (args.filter?.state == null ? all : byState).load({ ...stretchOf(scope, args), first, after });
}
