import { executeSync, Kind } from 'graphql';
import type { FieldNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { ResponseObject } from './response-shape.ts';

/** Answers an operation's `__schema` and `__type` from the client's schema; `variables` are as the client sent them. */
export function answerIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  fields: readonly FieldNode[],
  variables: Readonly<Record<string, unknown>>,
): ResponseObject {
  const definition: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: operation.operation,
    ...(operation.variableDefinitions ? { variableDefinitions: operation.variableDefinitions } : {}),
    selectionSet: { kind: Kind.SELECTION_SET, selections: fields },
  };
  const result = executeSync({ schema, document: { kind: Kind.DOCUMENT, definitions: [definition, ...fragments.values()] }, variableValues: variables });
  return result.data ?? {};
}
