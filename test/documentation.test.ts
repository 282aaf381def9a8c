import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectPath } from '../kit/project.ts';
import { askServer, BUILD, createFolder, startServer, type Program } from './program.ts';

const run = promisify(execFile);

/** Commands that other proofs run, each with where. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci && npm start': 'test/processes.test.ts starts the built program; continuous integration installs',
  'npm ci && npm test': 'continuous integration',
  'STORE=mongodb://db1,db2,db3/loopgraph?replicaSet=rs0 PSEUDONYM_KEY=… npm start': 'test/same-answer.test.ts',
  'cp -r subgraphs/_template subgraphs/chat': 'test/template.test.ts',
  'mv subgraphs/chat/template.test.ts subgraphs/chat/chat.test.ts': 'test/template.test.ts',
  "perl -pi -e 's/template/chat/g; s/Note/Remark/g; s/note/remark/g; s/NOTES/REMARKS/g' subgraphs/chat/*": 'test/template.test.ts',
  'npm run codegen': 'test/template.test.ts, on a copy',
  'npm run build': 'test/template.test.ts, on a copy',
};

const readProject = (name: string): string => readFileSync(projectPath(name), 'utf8');

/** The blocks of a language in a Markdown text, in order. */
function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^[ ]*\`\`\`${language}\\n([\\s\\S]*?)^[ ]*\`\`\``, 'gm'))].map(([, block = '']) => block);
}

const commandsOf = (text: string): string[] =>
  blocksOf(text, 'sh').flatMap((block) => block.split('\n').map((line) => line.trim()).filter((line) => line !== ''));

/** A query and the answer that stands below it. */
const examples = [...readProject('README.md').matchAll(/^```graphql\n([\s\S]*?)^```\n\n```json\n([\s\S]*?)^```/gm)].map(([, query = '', answer = '']) => ({ query, answer }));

describe('what the documentation says', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let program: Program;
  let address: string;
  /** The project as its commands find it, with the programs as they are now in the place of dist/. */
  let project: string;
  let store: string;

  beforeAll(async () => {
    folder = await createFolder();
    project = join(folder.path, 'project');
    store = `lmdb:${join(folder.path, 'store')}`;
    mkdirSync(project);
    for (const name of readdirSync(projectPath())) if (name !== 'dist' && !name.startsWith('.')) symlinkSync(projectPath(name), join(project, name));
    symlinkSync(BUILD, join(project, 'dist'));
    ({ program, address } = await startServer({ STORE: store, SAMPLE: 'on' }));
  });

  afterAll(async () => {
    await program.stop();
    await folder.remove();
  });

  it('shows a linked question on real facts and one on the studio', () => {
    expect(examples).toHaveLength(2);
  });

  it.each(examples)('answers $query', async ({ query, answer }) => {
    expect(await askServer(address, query)).toEqual({ data: JSON.parse(answer) });
  });

  const commands = [...new Set(['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md'].flatMap((name) => commandsOf(readProject(name))))].filter(
    (command) => !(command in RUN_ELSEWHERE),
  );

  it.each(commands)('runs %s', async (command) => {
    const { host, port } = new URL(address);
    const { stdout } = await run('bash', ['-c', command.replaceAll('127.0.0.1:4000', host)], {
      cwd: project,
      env: { PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, HOME: folder.path, PORT: port, STORE: store },
    });
    expect(stdout.trim()).not.toBe('');
    expect(stdout).not.toContain('"errors"');
  });

  it('names only scripts and files that there are', () => {
    const { scripts } = JSON.parse(readProject('package.json')) as { scripts: Record<string, string> };
    for (const name of ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md']) {
      const text = readProject(name);
      for (const [, script = ''] of text.matchAll(/npm run ([a-z:]+)/g)) expect([name, script, script in scripts]).toEqual([name, script, true]);
      for (const [, target = ''] of text.matchAll(/\]\((?!http)([^)#]+)\)/g)) expect(() => readFileSync(projectPath(target))).not.toThrow(/ENOENT/);
    }
  });
});
