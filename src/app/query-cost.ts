import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLInt,
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { LARGEST_PAGE_SIZE } from '../schema/page-size.ts';

type Parent = GraphQLObjectType | undefined;
type Definition = GraphQLField<unknown, unknown>;

/**
 * How many objects an answer may hold: each field that leads to an object counts one, and a page as many times what
 * is in it as it is long. So what is cheap to write and dear to answer, a page in a page in a page, shows.
 */
export function countObjects(context: ValidationContext, operation: OperationDefinitionNode): number {
  const schema = context.getSchema();
  const fragments = new Map<string, number>();

  const ofSet = (set: SelectionSetNode | undefined, parent: Parent): number =>
    (set?.selections ?? []).reduce((sum, node) => sum + ofSelection(node, parent), 0);

  function ofSelection(node: SelectionNode, parent: Parent): number {
    if (node.kind === 'InlineFragment') return ofSet(node.selectionSet, typeOf(node.typeCondition) ?? parent);
    if (node.kind === 'FragmentSpread') return ofFragment(node.name.value);
    // Tools ask for the schema in one query, which costs no store anything; nor do fields that the schema lacks.
    const field = parent?.getFields()[node.name.value];
    const type = field && getNamedType(field.type);
    return field && isObjectType(type) ? pageSize(field, node) * (1 + ofSet(node.selectionSet, type)) : 0;
  }

  function ofFragment(name: string): number {
    const known = fragments.get(name);
    if (known !== undefined) return known;
    // Stands in while it is counted: a fragment that spreads itself is refused by another rule.
    fragments.set(name, 0);
    const fragment = context.getFragment(name);
    const count = ofSet(fragment?.selectionSet, typeOf(fragment?.typeCondition));
    fragments.set(name, count);
    return count;
  }

  function typeOf(condition: FragmentDefinitionNode['typeCondition'] | undefined): Parent {
    const type = condition && schema.getType(condition.name.value);
    return isObjectType(type) ? type : undefined;
  }

  return ofSet(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
}

/** Of a field that takes `first`; 1 of any other. */
function pageSize({ args }: Definition, node: FieldNode): number {
  const size = args.find(({ name, type }) => name === 'first' && type === GraphQLInt);
  if (size === undefined) return 1;
  const given = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  if (given === undefined) return Number(size.defaultValue);
  // Too large a page is refused when it is asked for.
  if (given.kind === 'IntValue') return Math.min(Math.max(Number(given.value), 1), LARGEST_PAGE_SIZE);
  // A variable hides it.
  return LARGEST_PAGE_SIZE;
}
