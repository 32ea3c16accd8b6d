import { type ExecutionResult, getOperationAST, Kind, type OperationDefinitionNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { TraceOperation } from '../tracing/tracing.ts';
import type { MaskError } from './client-error.ts';

/** Runs every query and mutation as a span of the trace that its caller is in, or of a new one. */
export function useOperationTraces(trace: TraceOperation, maskError: MaskError): Plugin {
  const codesOf = ({ errors = [] }: ExecutionResult) =>
    errors.map(error => String(maskError(error).extensions.code));

  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const operation = getOperationAST(args.document, args.operationName);
      if (!operation || operation.operation === 'subscription') return;
      const { request } = args.contextValue;
      const traced = {
        type: operation.operation,
        fields: rootFieldsOf(operation),
        traceparent: request?.headers.get('traceparent') ?? undefined,
      };
      setExecuteFn(given => trace(traced, async () => executeFn(given), codesOf));
    },
  };
}

/** Named as in the schema, whatever the client calls them. What stands in fragments is left out. */
function rootFieldsOf({ selectionSet }: OperationDefinitionNode): string[] {
  const names = selectionSet.selections.map(field => (field.kind === Kind.FIELD ? field.name.value : '…'));
  return [...new Set(names)].sort();
}
