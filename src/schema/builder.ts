import SchemaBuilder from '@pothos/core';
import type { RequestContext } from './request-context.ts';

/** The one builder. It defines no type: each type's file adds itself, with its queries, mutations and subscriptions. */
export const builder = new SchemaBuilder<{
  Context: RequestContext;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    BigInt: { Input: bigint; Output: number | bigint };
  };
}>({ defaultFieldNullability: false });

builder.queryType({ description: 'Reads. None of them changes anything.' });
builder.mutationType({
  description: 'Changes. Each takes one input object and returns a payload of its own.',
});
builder.subscriptionType({
  description: 'Streams, over server-sent events or WebSocket. All end when the token expires.',
});
