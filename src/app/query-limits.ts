import {
  type ASTNode,
  type FieldNode,
  GraphQLError,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Limits } from './limits.ts';
import { countObjects } from './query-cost.ts';

/** Refuses what is too large to answer, before it is answered, on every transport alike. */
export function useQueryLimits(limits: Limits): Plugin {
  const rules = [
    limitDepth(limits.queryDepth),
    limitAliases(limits.queryAliases),
    limitDirectives(limits.queryDirectives),
    limitObjects(limits.queryObjects),
  ];
  return {
    onParse({ setParseFn }) {
      // Inside the parser, so that a hundred thousand fields never become a tree.
      setParseFn((source, options) => parse(source, { ...options, maxTokens: limits.queryTokens }));
    },
    onValidate({ addValidationRule }) {
      rules.forEach(addValidationRule);
      return ({ valid, result }) => {
        if (valid) return;
        for (const { extensions } of result as GraphQLError[]) extensions.code = 'BAD_USER_INPUT';
      };
    },
  };
}

/** A 400 also where the client takes plain JSON, in which GraphQL's own complaints travel with a 200. */
const createRefusal = (message: string, nodes: ASTNode) =>
  new GraphQLError(message, {
    nodes,
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400, spec: false } },
  });

const limitDepth = (most: number): ValidationRule =>
  limitMeasure(`The query is nested deeper than ${most} levels.`, most, {
    ofField: (_field, inner) => inner + 1,
    join: Math.max,
  });

const limitAliases = (most: number): ValidationRule =>
  limitMeasure(`The query has more than ${most} aliases.`, most, {
    ofField: (field, inner) => inner + (field.alias === undefined ? 0 : 1),
    join: (one, other) => one + other,
  });

/** Wherever they stand: each is looked at for every object that it is on. */
const limitDirectives =
  (most: number): ValidationRule =>
  context => {
    let count = 0;
    return {
      Directive(directive) {
        count += 1;
        // Once is enough.
        if (count !== most + 1) return;
        context.reportError(createRefusal(`The query has more than ${most} directives.`, directive));
      },
    };
  };

const limitObjects =
  (most: number): ValidationRule =>
  context => ({
    OperationDefinition(operation) {
      if (countObjects(context, operation) <= most) return;
      context.reportError(
        createRefusal(`The answer could hold more than ${most} objects; ask for smaller pages.`, operation),
      );
    },
  });

interface Measure {
  /** Of a field, from that of the fields below it. */
  ofField(field: FieldNode, inner: number): number;
  join(one: number, other: number): number;
}

/** Reported, not thrown: a throw inside validation closes a whole WebSocket with all that runs on it. */
function limitMeasure(message: string, most: number, measure: Measure): ValidationRule {
  return context => ({
    OperationDefinition(operation) {
      if (measureSelections(context, measure, operation.selectionSet) > most) {
        context.reportError(createRefusal(message, operation));
      }
    },
  });
}

/** A fragment counts wherever it is spread, and is measured once: spreads of spreads double with every line. */
function measureSelections(context: ValidationContext, { ofField, join }: Measure, top: SelectionSetNode) {
  const fragments = new Map<string, number>();
  const ofSet = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).map(ofSelection).reduce((one, other) => join(one, other), 0);
  const ofSelection = (node: SelectionNode): number => {
    if (node.kind === 'InlineFragment') return ofSet(node.selectionSet);
    if (node.kind === 'FragmentSpread') return ofFragment(node.name.value);
    return isIntrospection(node) ? 0 : ofField(node, ofSet(node.selectionSet));
  };
  const ofFragment = (name: string): number => {
    const known = fragments.get(name);
    if (known !== undefined) return known;
    // Stands in while it is measured: a fragment that spreads itself is refused by another rule.
    fragments.set(name, 0);
    const size = ofSet(context.getFragment(name)?.selectionSet);
    fragments.set(name, size);
    return size;
  };
  return ofSet(top);
}

/** Tools ask for the schema in one query nested 14 deep; graphql's own rule bounds those. */
const isIntrospection = ({ name }: FieldNode) => name.value === '__schema' || name.value === '__type';
