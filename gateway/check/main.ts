import { Command } from 'commander';
import { projectPath } from '../../kit/project.ts';
import { subgraphs } from '../../subgraphs/index.ts';
import { toSubgraphUrl, DEFAULT_BASE } from '../graph/supergraph-text.ts';
import { checkSubgraph } from './subgraph-check.ts';

const command = new Command('subgraph:check')
  .description('Asks a subgraph all that a gateway relies on: its schema, whether it composes, its entities, its nulls, its errors.')
  .argument('<url>', 'where the subgraph answers GraphQL')
  .option('--name <name>', 'what it is called in the supergraph; one of that name here is left out', 'checked')
  .option('--header <header...>', 'such as "authorization: Bearer …", sent with every request');

async function main(): Promise<void> {
  command.parse();
  const [url = ''] = command.args;
  const { name, header = [] } = command.opts<{ name: string; header?: string[] }>();
  if (!URL.canParse(url)) command.error(`expected a URL such as http://127.0.0.1:5001/graphql, got "${url}"`);
  const headers = Object.fromEntries(
    header.map((line): [string, string] => {
      const at = line.indexOf(':');
      if (at <= 0) command.error(`expected a header as "name: value", got "${line}"`);
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
  const others = subgraphs.map((each) => ({ name: each.name, url: toSubgraphUrl(DEFAULT_BASE, each.name), typeDefs: each.typeDefs }));
  const findings = await checkSubgraph({ url, name, others, headers, questionsFolder: projectPath('questions') });
  for (const { check, problem } of findings) process.stdout.write(problem === null ? `ok      ${check}\n` : `NOT OK  ${check}\n        ${problem.replaceAll('\n', '\n        ')}\n`);
  const bad = findings.filter(({ problem }) => problem !== null).length;
  process.stdout.write(`${findings.length - bad} ok, ${bad} not ok\n`);
  process.exitCode = bad === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
