/** The jobs that clients page through, in the order of `jobs`. */
export const JOBS = ['job-0', 'job-1', 'job-2', 'job-3', 'job-4'];
export const NAMESPACE = 'clients';

/** Tells a server of one run of each job. @throws Error where it does not take one */
export async function sendJobs(address: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  for (const [index, name] of JOBS.entries()) {
    const event = {
      eventType: 'COMPLETE',
      eventTime: `2026-01-0${index + 1}T00:00:00Z`,
      producer: 'https://example.com/scheduler',
      schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
      run: { runId: `0190f0f0-0000-7000-8000-00000000000${index}` },
      job: { namespace: NAMESPACE, name },
    };
    const response = await fetch(`${address}/api/v1/lineage`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(event) });
    if (response.status !== 201) throw new Error(`expected 201, got ${response.status}: ${await response.text()}`);
  }
}
