import { Lexer, Source, TokenKind } from 'graphql';
import { LIMITS } from './limits.ts';
import { Refusal } from './faults/refusal.ts';

const OPENING: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** How many brackets of any kind a text has that open; those in strings and comments too. */
function countOpening(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x7b || code === 0x5b || code === 0x28) count += 1;
  }
  return count;
}

/**
 * Refuses a document whose brackets nest deeper than LIMITS allows before it is parsed: a parser calls itself for each, and a
 * document of few tokens can nest so deep that the stack ends. What is no GraphQL is left to the parser to refuse.
 * @throws Refusal 400, QUERY_TOO_DEEP
 */
export function boundNesting(document: string): void {
  if (countOpening(document) <= LIMITS.nesting) return;
  const lexer = new Lexer(new Source(document));
  let depth = 0;
  for (let tokens = 0; tokens <= LIMITS.tokens; tokens += 1) {
    let kind: TokenKind;
    try {
      ({ kind } = lexer.advance());
    } catch {
      return;
    }
    if (kind === TokenKind.EOF) return;
    if (OPENING.has(kind)) depth += 1;
    else if (CLOSING.has(kind)) depth -= 1;
    if (depth > LIMITS.nesting) {
      throw new Refusal(400, 'QUERY_TOO_DEEP', `The document nests more than ${LIMITS.nesting} brackets deep; no more are allowed. Pass large values as variables, and ask in several operations.`);
    }
  }
}
