import { type GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { OperationOutcome } from '../metrics/edge-metrics.ts';
import type { MaskError } from './client-error.ts';

type Observe = (outcome: OperationOutcome) => void;

/** Tells what becomes of each operation, on every transport. Errors are counted by the code that clients see. */
export function useOperationWatch(observe: Observe, maskError: MaskError): Plugin {
  const fail = (error: unknown) =>
    observe({ kind: 'failed', code: String(maskError(error).extensions.code) });

  return {
    onParse: () => params => {
      if (params.result instanceof Error) fail(params.result);
    },
    onValidate:
      () =>
      ({ valid, result }) => {
        if (!valid) for (const error of result as readonly GraphQLError[]) fail(error);
      },
    onExecute({ args }) {
      const began = performance.now();
      const type = getOperationAST(args.document, args.operationName)?.operation ?? 'query';
      return {
        onExecuteDone({ result }) {
          observe({ kind: 'answered', type, ms: performance.now() - began });
          if ('errors' in result) for (const error of result.errors ?? []) fail(error);
        },
      };
    },
    onSubscribe() {
      const began = performance.now();
      return {
        onSubscribeResult({ result, setResult }) {
          observe({ kind: 'answered', type: 'subscription', ms: performance.now() - began });
          if (isStream(result)) return setResult(countStream(result, observe, fail));
          if ('errors' in result) for (const error of result.errors ?? []) fail(error);
        },
      };
    },
  };
}

const isStream = (result: object): result is AsyncIterableIterator<Result> => Symbol.asyncIterator in result;

interface Result {
  readonly errors?: readonly GraphQLError[];
}

/** Open from here until it completes, fails or is let go, whichever comes first and however often it is told. */
function countStream<T extends Result>(
  stream: AsyncIterableIterator<T>,
  observe: Observe,
  fail: (error: unknown) => void,
): AsyncIterableIterator<T> {
  let isOpen = true;
  observe({ kind: 'subscription opened' });
  const close = () => {
    if (isOpen) observe({ kind: 'subscription closed' });
    isOpen = false;
  };
  return {
    async next() {
      try {
        const step = await stream.next();
        if (step.done) close();
        else for (const error of step.value.errors ?? []) fail(error);
        return step;
      } catch (error) {
        close();
        fail(error);
        throw error;
      }
    },
    async return() {
      close();
      return (await stream.return?.()) ?? { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
