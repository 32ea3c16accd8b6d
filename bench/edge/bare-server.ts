import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSchema, createYoga } from 'graphql-yoga';

/**
 * What the edge is compared with: the library alone, on the same schema, with an answer that is there already. No
 * tokens, no limits, no cost, no metrics.
 */
const [schemaFile = '', answer = ''] = process.argv.slice(2);
const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: await readFile(schemaFile, 'utf8'),
    resolvers: { Query: { sessions: () => JSON.parse(answer) } },
    resolverValidationOptions: { requireResolversForResolveType: 'ignore' },
  }),
});
const server = createServer(yoga);
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
});
