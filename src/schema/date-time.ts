import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

builder.scalarType('DateTime', {
  description: 'RFC 3339, UTC, with milliseconds.',
  serialize: instant => instant.toISOString(),
  parseValue: value => {
    const instant = typeof value === 'string' && RFC_3339.test(value) ? new Date(value) : undefined;
    if (instant && !Number.isNaN(instant.getTime())) return instant;
    throw new GraphQLError('DateTime must be an RFC 3339 string.');
  },
});
