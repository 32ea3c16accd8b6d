import {
  type GraphQLInputField,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  isLeafType,
  isRequiredInputField,
} from 'graphql';
import { createSchema } from '../../src/schema/public-schema.ts';

export interface RootField {
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly takesId: boolean;
  /** The operation on a session; where it takes none, the same for every id. */
  operationOn(id: string): string;
}

/** Every operation that the schema has, as a request that a server would run. */
export function rootFields(): RootField[] {
  const schema = createSchema();
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  return roots.flatMap(([kind, root]) => fieldsOf(kind, root));
}

function fieldsOf(kind: RootField['kind'], root: GraphQLObjectType | null | undefined): RootField[] {
  return Object.values(root?.getFields() ?? {}).map(field => {
    const [input] = field.args.filter(({ name }) => name === 'input');
    const type = input && getNamedType(input.type);
    const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
    const argumentsFor = (id: string) => {
      if (isInputObjectType(type))
        return `(input: { ${Object.values(type.getFields()).flatMap(inputFor(id)).join(', ')} })`;
      return field.args.some(({ name }) => name === 'id') ? `(id: ${JSON.stringify(id)})` : '';
    };
    const operationOn = (id: string) => `${kind} { ${field.name}${argumentsFor(id)}${selection} }`;
    return { name: field.name, kind, takesId: operationOn('a') !== operationOn('b'), operationOn };
  });
}

const inputFor =
  (id: string) =>
  (field: GraphQLInputField): string[] => {
    if (field.name === 'id') return [`id: ${JSON.stringify(id)}`];
    return isRequiredInputField(field) ? [`${field.name}: "+15550001"`] : [];
  };
