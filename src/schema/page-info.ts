import { builder } from './builder.ts';

interface Page {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | undefined;
  readonly endCursor: string | undefined;
}

export const PageInfo = builder.objectRef<Page>('PageInfo').implement({
  description: 'Where a page of a list begins and ends.',
  fields: t => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether more follows.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', { description: 'Whether there was a page before.' }),
    startCursor: t.exposeString('startCursor', { nullable: true, description: 'Cursor of the first entry.' }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'Cursor of the last entry, to be given as `after` for the next page.',
    }),
  }),
});
