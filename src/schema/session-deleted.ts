import { opens } from './access.ts';
import { builder } from './builder.ts';
import { watchTarget } from './watch-target.ts';

builder.subscriptionField('sessionDeleted', t =>
  t.field({
    type: 'ID',
    description: 'The id of each session that is deleted; of all visible sessions where id is left out.',
    extensions: opens('sessions:read'),
    args: { id: t.arg.id({ description: 'Only of this session.' }) },
    subscribe: (_root, { id }, { sessions, viewer }) => sessions.watchDeletions(watchTarget(id, viewer)),
    resolve: id => id,
  }),
);
