import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

const LONGEST_DIGITS = 40;
const DECIMAL = new RegExp(`^-?\\d{1,${LONGEST_DIGITS}}$`);

/** JavaScript clients lose the last digits of a JSON number beyond 2^53, hence a string on the wire. */
builder.scalarType('BigInt', {
  description: 'A decimal string; as input also an integer.',
  serialize: value => BigInt(value).toString(),
  parseValue: value => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
    if (typeof value === 'string' && DECIMAL.test(value)) return BigInt(value);
    throw new GraphQLError('BigInt must be a decimal string or an integer.');
  },
  // Without it an integer literal beyond 2^53 would come through a float first.
  parseLiteral: node => {
    if ((node.kind === 'IntValue' || node.kind === 'StringValue') && DECIMAL.test(node.value)) {
      return BigInt(node.value);
    }
    throw new GraphQLError('BigInt must be a decimal string or an integer.');
  },
});
