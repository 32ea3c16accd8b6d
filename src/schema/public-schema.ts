import { type GraphQLSchema, printSchema } from 'graphql';
import './index.ts';
import { protectFields } from './access.ts';
import { builder } from './builder.ts';

/** The schema that is served: every type, with the access checks in front of its fields. */
export const createSchema = (): GraphQLSchema => protectFields(builder.toSchema({ sortSchema: false }));

/** The same as text: what `schema.graphql` at the root of the repository holds. */
export const printPublicSchema = (): string => `${printSchema(createSchema())}\n`;
