import { bodyOf, type OwnerFact, type TagFact } from './facts.ts';
import type { Attribution, Facet, NamedDataset, RunFold } from './documents.ts';

/**
 * For whom a run ran. The rules, strongest first; the first that says a team is taken:
 *
 * 1. RUN: the run says so itself: run facet `loopgraph_team {name}`, Airflow's `dagRun.conf.team`, a log's own column.
 * 2. OWNERSHIP: an owner of the job, as this run's events have it; else the one owner of all that it writes (dbt).
 * 3. TAG: a tag of the run, else of the job, whose key is `team` (or dbt's `owner`), or a tag `team:x` without a value.
 * 4. PARENT: the nearest ancestor run with a claim by 1 to 3.
 * 5. ROOT: the run at the top of the tree with such a claim.
 * 6. RULE: a namespace of the form `team:x` or `teams/x`.
 *
 * An owner masked as `***`, a person and an application are not teams.
 */

/** How many ancestors are asked; deeper trees than this one end unattributed. */
export const ANCESTOR_BOUND = 16;

/** A team's name out of an owner's or tag's; null where it names no team. */
export function toTeamName(claimed: string, isTeam = false): string | null {
  const name = claimed.trim();
  if (name === '' || /^\*+$/.test(name) || name.includes('person:')) return null;
  const [, prefix, rest] = /^([a-z_-]+):\s*(?!\/\/)(.+)$/i.exec(name) ?? [];
  if (prefix !== undefined && rest !== undefined) {
    return /^(team|group)$/i.test(prefix) ? rest : isTeam ? name : null;
  }
  return name.startsWith('@') ? name.slice(1).trim() || null : name;
}

/** Owners that say they are a team come before owners that merely could be one. */
function ownerOf(owners: readonly OwnerFact[] | null): string | null {
  const candidates = owners ?? [];
  const typed = candidates.filter(({ type }) => type !== null && /^(owner_)?team$/i.test(type));
  const named = candidates.filter(({ name }) => /^\s*(team|group):/i.test(name) || name.trim().startsWith('@'));
  const groups = [
    typed.map(({ name }) => toTeamName(name, true)),
    named.map(({ name }) => toTeamName(name)),
    candidates.map(({ name, type }) => (/^(user|person|individual)$/i.test(type ?? '') ? null : toTeamName(name))),
  ];
  return groups.flat().find((name) => name !== null) ?? null;
}

function tagOf(tags: readonly TagFact[] | null): string | null {
  for (const { key, value, source } of tags ?? []) {
    const isDbtOwner = /^owner$/i.test(key) && /dbt/i.test(source ?? '');
    if (/^(owner_)?team$/i.test(key.trim()) || isDbtOwner) {
      const name = toTeamName(value, !isDbtOwner);
      if (name !== null) return name;
    }
    if (/^\s*team:/i.test(key) && (value === key || value === '' || value === 'true')) {
      const name = toTeamName(key);
      if (name !== null) return name;
    }
  }
  return null;
}

/** The one team that owns all of the outputs whose owner is known; null where two differ. */
function ownerOfOutputs(outputs: readonly NamedDataset[]): string | null {
  const names = new Set(outputs.map(({ facets }) => ownerOf(bodyOf<OwnerFact[]>(facets, 'ownership'))).filter((name) => name !== null));
  return names.size === 1 ? ([...names][0] ?? null) : null;
}

/** What the run's own events claim: rules 1 to 3. */
export function claimOf(fold: Pick<RunFold, 'run' | 'jobFacets' | 'outputs'>): Attribution | null {
  const { run, jobFacets, outputs } = fold;
  const dagRun = bodyOf<{ team: string | null }>(run, 'airflowDagRun') ?? bodyOf<{ team: string | null }>(run, 'airflow');
  const candidates: readonly [Attribution['basis'], string, string | null][] = [
    ['RUN', 'run facet loopgraph_team', toClaimedName(bodyOf<string>(run, 'loopgraph_team'))],
    ['RUN', 'run facet airflowDagRun, dagRun.conf.team', toClaimedName(dagRun?.team ?? null)],
    ['OWNERSHIP', 'job facet ownership', ownerOf(bodyOf(jobFacets, 'ownership'))],
    ['OWNERSHIP', 'dataset facet ownership of its outputs', ownerOfOutputs(outputs)],
    ['TAG', 'run facet tags', tagOf(bodyOf(run, 'tags'))],
    ['TAG', 'job facet tags', tagOf(bodyOf(jobFacets, 'tags'))],
  ];
  for (const [basis, evidence, team] of candidates) if (team !== null) return { team, basis, evidence };
  return null;
}

function toClaimedName(name: string | null): string | null {
  return name === null ? null : toTeamName(name, true);
}

/** A job's own claim, from its facets alone; for jobs without a run. */
export function claimOfJob(facets: readonly Facet[]): Attribution | null {
  return claimOf({ run: [], jobFacets: facets, outputs: [] });
}

/** What a rule of this subgraph says where nothing else does: rule 6. */
export function ruleFor(namespace: string): Attribution | null {
  const [, team] = /^teams?[:/](?!\/)(.+)$/i.exec(namespace) ?? [];
  return team === undefined ? null : { team, basis: 'RULE', evidence: `job namespace ${namespace}` };
}

/** What attribution needs to know of a run. */
export interface Attributed {
  readonly id: string;
  readonly runId: string;
  readonly claim: Attribution | null;
  readonly parentId: string | null;
  readonly rootId: string | null;
}

/** The team of a run, given its ancestors as far as they are known, and the namespace of its job: all rules. */
export function attribute(run: Attributed, namespace: string, find: (id: string) => Attributed | null): Attribution | null {
  if (run.claim !== null) return run.claim;
  const seen = new Set([run.id]);
  let next = run.parentId;
  for (let step = 0; step < ANCESTOR_BOUND && next !== null && !seen.has(next); step++) {
    seen.add(next);
    const ancestor = find(next);
    if (ancestor === null) break;
    if (ancestor.claim !== null) return inherit(ancestor.claim, 'PARENT', ancestor.runId);
    next = ancestor.parentId;
  }
  const root = run.rootId === null || seen.has(run.rootId) ? null : find(run.rootId);
  if (root?.claim != null) return inherit(root.claim, 'ROOT', root.runId);
  return ruleFor(namespace);
}

function inherit(claim: Attribution, basis: 'PARENT' | 'ROOT', runId: string): Attribution {
  return { team: claim.team, basis, evidence: `${basis === 'PARENT' ? 'ancestor' : 'root'} run ${runId}, ${claim.evidence}` };
}
