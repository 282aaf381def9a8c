import { GraphQLError } from 'graphql';
import type { ASTVisitor, FloatValueNode, IntValueNode, ValidationRule } from 'graphql';

/** The integers that a planner reads: 64 bits with a sign. */
const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

/** Refuses numbers in a document that no number type holds; of a scalar that is the graph's own, GraphQL itself takes any. */
export const heldNumbers: ValidationRule = (context): ASTVisitor => {
  const refuse = (node: IntValueNode | FloatValueNode): void => {
    context.reportError(new GraphQLError(`The number ${node.value.slice(0, 40)} is larger than any that is held: integers have 64 bits, others are doubles. Write a smaller one.`, { nodes: node }));
  };
  return {
    IntValue(node) {
      if (node.value.length < 19) return;
      const value = BigInt(node.value);
      if (value < LEAST || value > MOST) refuse(node);
    },
    FloatValue(node) {
      if (!Number.isFinite(Number(node.value))) refuse(node);
    },
  };
};
