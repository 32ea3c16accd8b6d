import { type GraphQLError, NoSchemaIntrospectionCustomRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Viewer } from '../schema/viewer.ts';
import type { MaskError } from './client-error.ts';

/** Who may not ask for the schema gets none of it, on no transport: no introspection, and no guesses at a name. */
export function useHiddenSchema(): Plugin<{ readonly viewer?: Viewer }> {
  return {
    onValidate({ context, addValidationRule }) {
      if (context.viewer?.scopes.has('admin')) return;
      // A rule, not a check beside the others: what was validated is cached under the rules that it was validated by.
      addValidationRule(NoSchemaIntrospectionCustomRule);
      return ({ result }) => (result as readonly GraphQLError[]).forEach(hideSuggestion);
    },
  };
}

/** Values that do not fit are found out later, and are suggested better ones, too. */
export const withoutSuggestions =
  (maskError: MaskError): MaskError =>
  error =>
    hideSuggestion(maskError(error));

function hideSuggestion(error: GraphQLError): GraphQLError {
  error.message = error.message.replace(/ Did you mean .*\?$/s, '');
  return error;
}
