import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { itWithRealData } from '../../kit/test-data.ts';
import { responseEvent, surveyEvent, teamEvent } from '../../subgraphs/feedback/events.ts';
import { datasetEventSchema, jobEventSchema, runEventSchema } from '../../subgraphs/platform/events.ts';
import { playbackSessionEvent, publishedReportEvent, showEvent } from '../../subgraphs/viewing/events.ts';
import { SIMULATED_NAMESPACE } from '../../kit/graph/id.ts';
import { SIZES, createStudio } from './index.ts';
import type { StudioEvent } from './index.ts';

const events = [...createStudio(SIZES.small).play()];

function schemaOf({ kind, event }: StudioEvent): z.ZodType {
  switch (kind) {
    case 'team':
      return teamEvent;
    case 'show':
      return showEvent;
    case 'survey':
      return surveyEvent;
    case 'survey-response':
      return responseEvent;
    case 'playback-session':
      return playbackSessionEvent;
    case 'published-report':
      return publishedReportEvent;
    case 'openlineage':
      return 'run' in event ? runEventSchema : 'job' in event ? jobEventSchema : datasetEventSchema;
  }
}

/** Every value under one of the names, wherever it stands. */
function findAll(value: unknown, names: readonly string[]): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(names.includes(name) ? [inner] : []), ...findAll(inner, names)]);
}

describe("the studio's events", () => {
  it('are what their subgraphs take', () => {
    const refused = events.flatMap((told) => {
      const parsed = schemaOf(told).safeParse(told.event);
      return parsed.success ? [] : [{ kind: told.kind, issues: z.prettifyError(parsed.error) }];
    });
    expect(refused.slice(0, 3)).toEqual([]);
  });

  it('name nothing that the subgraph of viewing does not know, but for what a session may add', () => {
    const strict = { 'published-report': publishedReportEvent.strict(), show: showEvent.strict(), 'playback-session': playbackSessionEvent.strict() };
    const unknown = events.flatMap(({ kind, event }) => (kind in strict && !strict[kind as keyof typeof strict].safeParse(event).success ? [event] : []));
    expect(unknown.slice(0, 1)).toEqual([]);
  });

  it('stand in the namespace simulated, all of them', () => {
    expect([...new Set(findAll(events.map(({ event }) => event), ['namespace']))]).toEqual([SIMULATED_NAMESPACE]);
    const teams = findAll(events.map(({ event }) => event), ['team']).filter((team) => typeof team === 'string');
    expect(teams.filter((team) => !String(team).startsWith('simulated/'))).toEqual([]);
    const owners = findAll(events.map(({ event }) => event), ['owners']).flat() as { name: string }[];
    expect(owners.filter(({ name }) => !/^(team:)?simulated\//.test(name))).toEqual([]);
    const users = findAll(events.map(({ event }) => event), ['user', 'members']).flat();
    expect(users.filter((user) => !String(user).startsWith('simulated/'))).toEqual([]);
  });

  it('repeat no identity', () => {
    const identities = events.flatMap(({ kind, event }) => {
      const { source, id, responseId } = event as { source?: string; id?: string; responseId?: string };
      if (responseId !== undefined) return [`${kind} ${responseId}`];
      return source === undefined ? [JSON.stringify(event)] : [`${kind} ${source} ${id}`];
    });
    expect(new Set(identities).size).toBe(events.length);
  });

  itWithRealData('are valid by the OpenLineage schema and by that of every facet of its own', ['platform/openlineage-spec'], async (folder) => {
    const ajv = new Ajv2020({ strict: false, formats: { uuid: /^[0-9a-f-]{36}$/, uri: /^https:\/\/\S+$/, 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, date: /^\d{4}-\d\d-\d\d$/ } });
    const specification: object = JSON.parse(await readFile(join(folder, 'OpenLineage.json'), 'utf8'));
    ajv.addSchema(specification);
    const facets = new Map<string, string>();
    for (const file of await readdir(join(folder, 'facets'))) {
      const facet: { $id: string } = JSON.parse(await readFile(join(folder, 'facets', file), 'utf8'));
      ajv.addSchema(facet);
      facets.set(file.replace('.json', ''), facet.$id);
    }
    const isEvent = ajv.getSchema('https://openlineage.io/spec/2-0-2/OpenLineage.json');
    const lineage = events.filter(({ kind }) => kind === 'openlineage').map(({ event }) => event);
    const wrong = lineage.filter((event) => isEvent?.(event) !== true);
    expect([wrong[0], isEvent?.errors?.slice(0, 2)].filter((each) => wrong.length > 0 && each !== undefined)).toEqual([]);

    const checked = new Set<string>();
    for (const [name, facet] of lineage.flatMap((event) => findAll(event, ['facets', 'outputFacets']).flatMap((each) => Object.entries(each as object)))) {
      const definition = /\/(\w+)\.json#\/\$defs\/(\w+)$/.exec((facet as { _schemaURL: string })._schemaURL);
      const id = facets.get(definition?.[1] ?? '') ?? 'https://openlineage.io/spec/2-0-2/OpenLineage.json';
      const isFacet = ajv.getSchema(`${id}#/$defs/${definition?.[2]}`);
      expect(isFacet, `${name} names a definition that exists`).toBeDefined();
      if (isFacet?.(facet) !== true) expect([name, facet, isFacet?.errors]).toEqual([]);
      checked.add(name);
    }
    expect(checked.size).toBeGreaterThan(15);
  });
});
