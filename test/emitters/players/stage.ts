import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { projectPath } from '../../../kit/project.ts';
import { visit } from '../../browser.ts';
import { tryRun } from '../../python.ts';

/** Eight seconds of a test picture at two bitrates with a tone, as DASH and as HLS over the same segments. */
const STREAM = [
  '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=24:duration=8', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=7.9',
  '-map', '0:v', '-map', '0:v', '-map', '1:a', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p',
  '-g', '48', '-keyint_min', '48', '-sc_threshold', '0', '-b:v:0', '150k', '-b:v:1', '400k', '-c:a', 'aac', '-b:a', '64k',
  '-f', 'dash', '-seg_duration', '2', '-use_template', '1', '-use_timeline', '0', '-hls_playlist', '1', '-adaptation_sets', 'id=0,streams=v id=1,streams=a',
];
export const STREAM_SECONDS = 8;

const TYPES: Readonly<Record<string, string>> = {
  '.mpd': 'application/dash+xml', '.m3u8': 'application/vnd.apple.mpegurl', '.m4s': 'video/iso.segment', '.js': 'text/javascript', '.html': 'text/html',
};

/** Where players play: a page of an origin of its own, with a stream, in a browser. */
export interface Stage {
  /** Plays one player to the end and waits until it has sent its last report. @throws Error where it fails, or needs over a minute */
  play(parameters: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

/** How long one player may take, in milliseconds. */
const LONGEST = 60_000;

/** @throws Error where ffmpeg cannot make the stream */
export async function createStage(chromium: string, modules: string): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'loopgraph-players-'));
  const made = await tryRun('ffmpeg', ['-v', 'error', '-y', ...STREAM, join(folder, 'manifest.mpd')]);
  if (!made.ok) throw new Error(made.output);
  let tell: (what: string) => void = () => {};

  const server = createServer((request, response) => {
    void (async () => {
      const { pathname } = new URL(request.url ?? '/', 'http://stage');
      if (pathname === '/told') {
        const chunks: Buffer[] = [];
        for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
        tell(Buffer.concat(chunks).toString('utf8'));
        response.writeHead(204).end();
        return;
      }
      const [, root = '', ...rest] = normalize(pathname).split('/');
      const file = root === 'media' ? join(folder, ...rest) : root === 'modules' ? join(modules, ...rest) : projectPath('test', 'emitters', 'players', 'page.html');
      try {
        const bytes = await readFile(file);
        response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(bytes);
      } catch {
        response.writeHead(404).end();
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    async play(parameters) {
      const told = new Promise<string>((resolve) => (tell = resolve));
      const url = `http://127.0.0.1:${port}/?${new URLSearchParams(parameters).toString()}`;
      const what = (await visit(chromium, url, told, LONGEST, ['--autoplay-policy=no-user-gesture-required'])) ?? `it was not done after ${LONGEST / 1000} s`;
      if (what !== 'played') throw new Error(`expected ${parameters['player']} to play to the end: ${what}`);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
