import { execFile } from 'node:child_process';
import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectPath, projectRoot } from '../kit/project.ts';
import { askServer, createFolder, startServer } from './program.ts';
import type { Program } from './program.ts';

const run = promisify(execFile);

/** What a copy of the sources leaves behind: what is made from them, and what is linked. */
const LEFT_BEHIND = new Set(['node_modules', 'dist', '.git', '.cache', '.data']);

let folder: Awaited<ReturnType<typeof createFolder>>;
let program: Program | undefined;
let address = '';

/** The fenced blocks of one language under the heading "Add a subgraph", in order. */
async function readSteps(language: string): Promise<string[]> {
  const page = await readFile(projectPath('CONTRIBUTING.md'), 'utf8');
  const section = /^## Add a subgraph\n(.*?)^## /ms.exec(page)?.[1] ?? '';
  return [...section.matchAll(new RegExp(`^ *\`\`\`${language}\n(.*?)^ *\`\`\``, 'gms'))].map(([, block]) => block?.trim() ?? '');
}

async function sh(script: string): Promise<void> {
  await run('sh', ['-ec', script], { cwd: folder.path });
}

const write = (team: string, id: string, text: string): string =>
  `${JSON.stringify({ kind: 'remark', event: { source: 'desk', id, team, text, writtenAt: `2024-05-0${id}T12:00:00Z` } })}\n`;

beforeAll(async () => {
  folder = await createFolder();
  for (const name of await readdir(projectRoot)) {
    if (!LEFT_BEHIND.has(name)) await cp(projectPath(name), join(folder.path, name), { recursive: true });
  }
  await symlink(projectPath('node_modules'), join(folder.path, 'node_modules'));

  const [copy, build, ...others] = await readSteps('sh');
  const [line, ...lines] = await readSteps('ts');
  if (copy === undefined || build === undefined || line === undefined || others.length + lines.length > 0) {
    throw new Error('expected "Add a subgraph" in CONTRIBUTING.md to have commands that copy, a line that registers, and commands that build');
  }
  expect(line.split('\n')).toHaveLength(1);
  await sh(copy);
  const index = join(folder.path, 'subgraphs', 'index.ts');
  await writeFile(index, (await readFile(index, 'utf8')).replace(/^\];$/m, `  ${line}\n];`));
  await sh(build);

  ({ program, address } = await startServer({ STORE: `lmdb:${join(folder.path, '.data')}` }, join(folder.path, 'dist')));
});

afterAll(async () => {
  const ended = await program?.stop();
  await folder.remove();
  if (ended?.code !== 0) throw new Error(`the server did not stop well: ${JSON.stringify(ended)}`);
});

describe('a subgraph made from the template by one folder and one line', () => {
  it('passes the linter', async () => {
    await expect(sh('npx oxlint subgraphs/chat subgraphs/index.ts')).resolves.toBeUndefined();
  });

  it('leaves no word of the template behind', async () => {
    const copied = join(folder.path, 'subgraphs', 'chat');
    for (const file of await readdir(copied)) expect(await readFile(join(copied, file), 'utf8')).not.toMatch(/template|note/i);
  });

  it('takes its events once', async () => {
    const body = write('readers', '1', 'first') + write('readers', '2', 'second') + write('writers', '3', 'else');
    const send = async (): Promise<unknown> => (await fetch(`${address}/subgraphs/chat/events`, { method: 'POST', body })).json();
    expect(await send()).toEqual({ accepted: 3, repeated: 0, rejected: [] });
    expect(await send()).toEqual({ accepted: 0, repeated: 3, rejected: [] });
  });

  it('answers for its entity, and for the field that it adds to the entity of another', async () => {
    const sent = await fetch(`${address}/subgraphs/feedback/events`, {
      method: 'POST',
      body: `${JSON.stringify({ kind: 'team', event: { source: 'tests', id: '1', name: 'readers' } })}\n`,
    });
    expect(await sent.json()).toMatchObject({ accepted: 1 });
    const added = await askServer(address, '{ team(name: "readers") { name remarks { totalCount nodes { id text } } } }');
    expect(added).toMatchObject({ data: { team: { name: 'readers', remarks: { totalCount: 2, nodes: [{ text: 'second' }, { text: 'first' }] } } } });

    const { id } = (added as { data: { team: { remarks: { nodes: { id: string }[] } } } }).data.team.remarks.nodes[0] ?? { id: '' };
    const entity = { text: 'second', writtenAt: '2024-05-02T12:00:00.000Z', team: { name: 'readers', registered: true } };
    const asked = 'query ($id: ID!) { remark(id: $id) { text writtenAt team { name registered } } node(id: $id) { __typename id } }';
    expect(await askServer(address, asked, { id })).toEqual({ data: { remark: entity, node: { __typename: 'Remark', id } } });
  });
});
