import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { projectPath } from '../../../kit/project.ts';
import { findChromium } from '../../browser.ts';
import { preparePackages } from '../../npm.ts';
import { tryRun } from '../../python.ts';
import { useReceiver } from '../receiver.ts';
import { createStage, STREAM_SECONDS, type Stage } from './stage.ts';

const chromium = await findChromium();
const hasFfmpeg = (await tryRun('ffmpeg', ['-version'])).ok;
const prepared = await preparePackages(projectPath('test', 'emitters', 'players', 'package.json'), 'emitters', 'players');
const missing = chromium === null ? 'no Chromium is on the path' : !hasFfmpeg ? 'no ffmpeg is on the path' : 'missing' in prepared ? prepared.missing : null;

const receiver = useReceiver();
let stage: Stage | null = null;

beforeEach(({ skip }) => {
  if (missing !== null) skip(missing);
});
beforeAll(async () => {
  if (chromium !== null && 'modules' in prepared && missing === null) stage = await createStage(chromium, prepared.modules);
});
afterAll(async () => stage?.close());

const DAY_MS = 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const window = { from: dayOf(Date.now() - DAY_MS), to: dayOf(Date.now() + 2 * DAY_MS) };

const play = async (player: string, parameters: Readonly<Record<string, string>> = {}): Promise<void> =>
  stage?.play({ player, sid: crypto.randomUUID(), cid: 'A film: größe', target: `${receiver.address}/cmcd?source=${player}`, ...parameters });

/** What the graph has of the one show that a player played. */
async function readBack(player: string): Promise<Record<string, unknown>> {
  const { shows } = await receiver.ask<{ shows: { nodes: { title: string; viewing: { whole: Record<string, unknown> } }[] } }>(
    `query ($player: String!, $window: Window!) { shows(namespace: $player) { nodes { title viewing(window: $window) { whole {
      sessions hoursViewed startup { sampleSize totalMs } rebuffering { totalMs } rebufferEvents meanBitrateKbps bytes errors
    } } } } }`,
    { player, window },
  );
  expect(shows.nodes.map(({ title }) => title)).toEqual(['A film: größe']);
  const whole = shows.nodes[0]?.viewing.whole ?? {};
  const hours = whole['hoursViewed'];
  return { ...whole, secondsViewed: typeof hours === 'number' ? hours * 3_600 : null };
}

/** Within a second and a half: a shared machine starts and stops a picture late. */
const about = (seconds: number): unknown => expect.toSatisfy((value: number) => Math.abs(value - seconds) < 1.5, `about ${seconds} s`);
const aboveZero = expect.toSatisfy((value: number) => value > 0, 'above 0');

test('hls.js is read back as one session: what was watched, at which bitrate, how it began', async () => {
  await play('hls');
  expect(await readBack('hls')).toMatchObject({
    sessions: 1, secondsViewed: about(STREAM_SECONDS), startup: { sampleSize: 1, totalMs: aboveZero }, meanBitrateKbps: aboveZero, errors: 0, bytes: null,
  });
});

test('dash.js is read back as one session, with the bytes of its objects', async () => {
  await play('dashjs');
  expect(await readBack('dashjs')).toMatchObject({
    sessions: 1, secondsViewed: about(STREAM_SECONDS), startup: { sampleSize: 1, totalMs: aboveZero }, meanBitrateKbps: aboveZero, errors: 0, bytes: aboveZero,
  });
});

test('dash.js with its default keys says of no session, and its reports are counted so', async () => {
  const count = async (): Promise<number> => {
    const { playback } = await receiver.ask<{ playback: { playerReports: { withoutSession: number | null } } }>('query ($window: Window!) { playback(window: $window) { playerReports { withoutSession } } }', { window });
    return playback.playerReports.withoutSession ?? 0;
  };
  const before = await count();
  await play('dashjs', { keys: 'default' });
  expect(await count()).toBeGreaterThan(before + 10);
});

test('shaka-player, which says no states, is read back as one session of unknown length', async () => {
  await play('shaka');
  expect(await readBack('shaka')).toMatchObject({ sessions: 1, secondsViewed: null, startup: { sampleSize: 1, totalMs: aboveZero }, errors: 0 });
});

test('the reporter of @svta/cml-cmcd is read back to the state: stalls by its counters, errors, watched time', async () => {
  await play('cml');
  expect(await readBack('cml')).toMatchObject({
    sessions: 1, secondsViewed: about(2), startup: { sampleSize: 1, totalMs: 200 }, rebufferEvents: 1, rebuffering: { totalMs: 500 }, errors: 1, meanBitrateKbps: expect.closeTo(400, 0),
  });
});

test('nothing that a player sent is refused', async () => {
  const { refusals } = await receiver.ask<{ refusals: { nodes: object[] } }>('{ refusals(receiver: CMCD, first: 10) { nodes { message excerpt } } }');
  expect(refusals.nodes).toEqual([]);
});
