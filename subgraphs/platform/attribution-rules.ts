import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectPath } from '../../kit/project.ts';

const words = z.array(z.string().min(1)).transform((list) => list.map((word) => word.toLowerCase()));
const pattern = z.string().transform((text, context) => {
  try {
    const expression = new RegExp(text, 'i');
    if (/\(\?<team>/.test(text)) return expression;
    context.addIssue('expected a group `(?<team>…)`');
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
  }
  return z.NEVER;
});

const rulesSchema = z.strictObject({
  run: z.array(z.strictObject({ facet: z.string().min(1), path: z.string().min(1) })),
  names: z.strictObject({ prefixes: words, sigils: z.array(z.string().length(1)), nobody: words }),
  owners: z.strictObject({
    teamTypes: words,
    personTypes: words,
    precedence: z.array(z.enum(['type', 'form', 'plain'])),
    ofOutputs: z.boolean(),
  }),
  tags: z.strictObject({
    keys: z.array(z.strictObject({ key: z.string().min(1).toLowerCase(), source: z.string().toLowerCase().optional(), asOwner: z.boolean().default(false) })),
    flags: words,
  }),
  patterns: z.array(z.strictObject({ field: z.enum(['namespace', 'name']), match: pattern })),
});

/** How a team's name is read out of what emitters write; `attribution.yaml` says what each part means. */
export type AttributionRules = z.infer<typeof rulesSchema>;

/** Reads rules. @throws Error that names each part which is not as expected, in one line. */
export function parseRules(text: string, file: string): AttributionRules {
  const parsed = rulesSchema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
  throw new Error(`${file} cannot be read: ${faults.join('; ')}`);
}

const FILE = projectPath('subgraphs', 'platform', 'attribution.yaml');

/** The rules of this installation, read once. */
export const rules: AttributionRules = parseRules(readFileSync(FILE, 'utf8'), FILE);
