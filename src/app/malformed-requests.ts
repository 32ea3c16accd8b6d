import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** JSON that does not parse in a URL or a form is the caller's mistake; the library lets it through as ours. */
export function useMalformedRequests(): Plugin {
  return {
    onRequestParse({ requestParser, setRequestParser }) {
      if (requestParser === undefined) return;
      setRequestParser(async request => {
        try {
          return await requestParser(request);
        } catch (error) {
          throw error instanceof SyntaxError ? createRefusal() : error;
        }
      });
    },
  };
}

const createRefusal = () =>
  new GraphQLError('`variables` and `extensions` must be JSON.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
