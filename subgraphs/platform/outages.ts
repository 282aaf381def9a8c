import type { IncidentDocument } from './documents-outputs.ts';
import type { OutageReference } from './references.ts';

const END = Number.POSITIVE_INFINITY;

/** Incidents of one job that overlap in time, joined; newest first. Two that only touch are two outages. */
export function toOutages(incidents: readonly IncidentDocument[]): OutageReference[] {
  const byJob = new Map<string, IncidentDocument[]>();
  for (const incident of incidents) byJob.set(incident.jobId, [...(byJob.get(incident.jobId) ?? []), incident]);
  const outages: OutageReference[] = [];
  for (const [jobId, own] of byJob) {
    let joined: { since: number; until: number; incidents: IncidentDocument[] } | null = null;
    for (const incident of [...own].sort((first, second) => first.since - second.since || (first.id < second.id ? -1 : 1))) {
      if (joined !== null && (incident.since < joined.until || incident.since === joined.since)) {
        joined.until = Math.max(joined.until, incident.until ?? END);
        joined.incidents.push(incident);
        continue;
      }
      if (joined !== null) outages.push(toOutage(jobId, joined));
      joined = { since: incident.since, until: incident.until ?? END, incidents: [incident] };
    }
    if (joined !== null) outages.push(toOutage(jobId, joined));
  }
  return outages.sort((first, second) => second.since - first.since || (first.jobId < second.jobId ? -1 : 1));
}

function toOutage(jobId: string, { since, until, incidents }: { since: number; until: number; incidents: IncidentDocument[] }): OutageReference {
  return { jobId, since, until: until === END ? null : until, incidents };
}
