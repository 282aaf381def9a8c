import { type AttributionRules, rules as installed } from './attribution-rules.ts';
import { bodyOf, type OwnerFact, type TagFact } from './facts.ts';
import type { Attribution, AttributionBasis, Facet, NamedDataset, RunFold } from './documents.ts';

/**
 * For whom a run ran, strongest first; the first that says a team is taken. How names are read, and from where, is said in
 * `attribution.yaml`; the order is fixed:
 *
 * 1. RUN: the run says so itself in a run facet; a log in its own column.
 * 2. OWNERSHIP: an owner of the job, as this run's events have it; else the one owner of all that it writes (dbt).
 * 3. TAG: a tag of the run, else of the job.
 * 4. PARENT: the nearest ancestor run with a claim by 1 to 3.
 * 5. ROOT: the run at the top of the tree with such a claim, as this run names it, or else the nearest ancestor that names one.
 * 6. RULE: a pattern over the job's name or namespace.
 *
 * A masked owner, a person and an application are not teams.
 */

/** How many ancestors are asked; deeper trees than this one end unattributed. */
export const ANCESTOR_BOUND = 100;

/** A team's name out of an owner's or tag's; null where it names no team. */
export function toTeamName(claimed: string, isTeam = false, { names }: AttributionRules = installed): string | null {
  const name = claimed.trim();
  if (name === '' || names.nobody.includes(name.toLowerCase()) || name.includes('person:')) return null;
  const [, prefix, rest] = /^([a-z_-]+):\s*(?!\/\/)(.+)$/i.exec(name) ?? [];
  if (prefix !== undefined && rest !== undefined) {
    return names.prefixes.includes(prefix.toLowerCase()) ? rest : isTeam ? name : null;
  }
  return names.sigils.some((sigil) => name.startsWith(sigil)) ? name.slice(1).trim() || null : name;
}

/** A name, with the rule of `attribution.yaml` that read it. */
interface Named {
  readonly team: string;
  readonly rule: string;
}

function hasForm(name: string, { names }: AttributionRules): boolean {
  const text = name.trim().toLowerCase();
  return names.prefixes.some((prefix) => text.startsWith(`${prefix}:`)) || names.sigils.some((sigil) => text.startsWith(sigil));
}

function ownerOf(owners: readonly OwnerFact[] | null, rules: AttributionRules): Named | null {
  const { teamTypes, personTypes, precedence } = rules.owners;
  const typeOf = ({ type }: OwnerFact): string => (type ?? '').toLowerCase();
  const readings: Readonly<Record<(typeof precedence)[number], (owner: OwnerFact) => string | null>> = {
    type: (owner) => (teamTypes.includes(typeOf(owner)) ? toTeamName(owner.name, true, rules) : null),
    form: ({ name }) => (hasForm(name, rules) ? toTeamName(name, false, rules) : null),
    plain: (owner) => (personTypes.includes(typeOf(owner)) ? null : toTeamName(owner.name, false, rules)),
  };
  for (const kind of precedence) {
    for (const owner of owners ?? []) {
      const team = readings[kind](owner);
      if (team !== null) return { team, rule: `owners.${kind}` };
    }
  }
  return null;
}

function tagOf(tags: readonly TagFact[] | null, rules: AttributionRules): Named | null {
  for (const { key, value, source } of tags ?? []) {
    const name = key.trim().toLowerCase();
    for (const known of rules.tags.keys) {
      if (known.key !== name || (known.source !== undefined && source?.toLowerCase().includes(known.source) !== true)) continue;
      const team = toTeamName(value, !known.asOwner, rules);
      if (team !== null) return { team, rule: `tags.${known.key}` };
    }
    const flag = rules.tags.flags.find((each) => name.startsWith(`${each}:`));
    if (flag !== undefined && (value === key || value === '' || value === 'true')) {
      const team = toTeamName(key, false, rules);
      if (team !== null) return { team, rule: `tags.flags.${flag}` };
    }
  }
  return null;
}

/** The one team that owns all of the outputs whose owner is known; null where two differ. */
function ownerOfOutputs(outputs: readonly NamedDataset[], rules: AttributionRules): Named | null {
  if (!rules.owners.ofOutputs) return null;
  const named = outputs.map(({ facets }) => ownerOf(bodyOf<OwnerFact[]>(facets, 'ownership'), rules)).filter((each) => each !== null);
  const [first] = named;
  return first !== undefined && named.every(({ team }) => team === first.team) ? { team: first.team, rule: 'owners.ofOutputs' } : null;
}

/** What the run's own events claim: 1 to 3. */
export function claimOf({ run, jobFacets, outputs }: Pick<RunFold, 'run' | 'jobFacets' | 'outputs'>, rules: AttributionRules = installed): Attribution | null {
  for (const { facet, path } of rules.run) {
    const told = bodyOf<{ team: string | null }>(run, facet)?.team ?? null;
    const team = told === null ? null : toTeamName(told, true, rules);
    if (team !== null) return { team, basis: 'RUN', evidence: `run facet ${facet}, ${path}`, rule: `run.${facet}` };
  }
  const candidates: readonly [AttributionBasis, string, Named | null][] = [
    ['OWNERSHIP', 'job facet ownership', ownerOf(bodyOf(jobFacets, 'ownership'), rules)],
    ['OWNERSHIP', 'dataset facet ownership of its outputs', ownerOfOutputs(outputs, rules)],
    ['TAG', 'run facet tags', tagOf(bodyOf(run, 'tags'), rules)],
    ['TAG', 'job facet tags', tagOf(bodyOf(jobFacets, 'tags'), rules)],
  ];
  for (const [basis, evidence, named] of candidates) if (named !== null) return { ...named, basis, evidence };
  return null;
}

/** A job's own claim, from its facets alone; for jobs without a run. */
export function claimOfJob(facets: readonly Facet[]): Attribution | null {
  return claimOf({ run: [], jobFacets: facets, outputs: [] });
}

/** What a job is called. */
export interface JobName {
  readonly namespace: string;
  readonly name: string;
}

/** What a pattern says where nothing else does: 6. */
export function ruleFor(job: JobName, rules: AttributionRules = installed): Attribution | null {
  for (const [place, { field, match }] of rules.patterns.entries()) {
    const team = match.exec(job[field])?.groups?.['team'];
    if (team !== undefined && team !== '') return { team, basis: 'RULE', evidence: `job ${field} ${job[field]}`, rule: `patterns.${place}` };
  }
  return null;
}

/** What attribution needs to know of a run. */
export interface Attributed {
  readonly id: string;
  readonly runId: string;
  readonly claim: Attribution | null;
  readonly parentId: string | null;
  readonly rootId: string | null;
}

/** The team of a run, given its ancestors and roots as far as they are known, and what its job is called: 1 to 6. */
export function attribute(run: Attributed, job: JobName, find: (id: string) => Attributed | null): Attribution | null {
  if (run.claim !== null) return run.claim;
  const line: Attributed[] = [run];
  const seen = new Set([run.id]);
  for (let next = run.parentId; line.length <= ANCESTOR_BOUND && next !== null && !seen.has(next); ) {
    seen.add(next);
    const ancestor = find(next);
    if (ancestor === null) break;
    if (ancestor.claim !== null) return inherit(ancestor.claim, 'PARENT', ancestor.runId);
    line.push(ancestor);
    next = ancestor.parentId;
  }
  for (const { rootId } of line) {
    const root = rootId === null || seen.has(rootId) ? null : find(rootId);
    if (root?.claim != null) return inherit(root.claim, 'ROOT', root.runId);
  }
  return ruleFor(job);
}

function inherit(claim: Attribution, basis: 'PARENT' | 'ROOT', runId: string): Attribution {
  return { team: claim.team, basis, evidence: `${basis === 'PARENT' ? 'ancestor' : 'root'} run ${runId}, ${claim.evidence}`, rule: claim.rule };
}
