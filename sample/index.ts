import type { Send } from '../importers/runner.ts';
import { loadParts } from './load.ts';

export { loadParts, loadStudio } from './load.ts';
export type { PartSummary } from './load.ts';
export { SIZES, createStudio } from './studio/index.ts';
export type { Studio, StudioEvent, StudioOptions, Truth } from './studio/index.ts';

/**
 * Loads the sample, telling a person in one line what each part held. Loading again changes nothing. A kind that `send`
 * leaves to another process is counted nowhere.
 * @throws FileError where a file of sample/facts is damaged; what `send` throws.
 */
export async function loadSample(send: Send, onProgress: (line: string) => void): Promise<void> {
  await loadParts(send, ({ title, accepted, repeated, rejected, durationMs }) => {
    const repeats = repeated === 0 ? '' : `, ${repeated} known already`;
    const refused = rejected.length === 0 ? '' : `, ${rejected.length} refused (${rejected[0]?.message})`;
    onProgress(`  ${title}: ${accepted} events${repeats}${refused} (${(durationMs / 1000).toFixed(1)} s)`);
  });
}
