import type { LeftSession, RotationProgress } from '../core/sealing/key-views.ts';
import { opens } from './access.ts';
import { builder } from './builder.ts';

const RotateKeysInput = builder.inputType('RotateKeysInput', {
  description: 'What rotateKeys needs.',
  fields: t => ({
    after: t.id({ description: 'endCursor of the call before; from the beginning where left out.' }),
  }),
});

const UnrotatedSession = builder.objectRef<LeftSession>('UnrotatedSession').implement({
  description: 'A session that stays under an older secret for now.',
  fields: t => ({
    sessionId: t.exposeID('sessionId', {
      nullable: true,
      description: 'Absent where a whole store can not be asked.',
    }),
    code: t.exposeString('code', {
      description: 'Why; SESSION_HELD_ELSEWHERE: rotate on the server that runs it, and here once more.',
    }),
    message: t.exposeString('message', { description: 'One sentence for people.' }),
  }),
});

const RotateKeysPayload = builder.objectRef<RotationProgress>('RotateKeysPayload').implement({
  description: 'How far one call of rotateKeys came.',
  fields: t => ({
    rewrapped: t.exposeInt('rewrapped', { description: 'Sessions that are under the newest secret now.' }),
    current: t.exposeInt('current', { description: 'Sessions that were under it already.' }),
    left: t.field({
      type: [UnrotatedSession],
      description: 'What has to be done elsewhere, or again.',
      resolve: ({ left }) => [...left],
    }),
    remaining: t.exposeInt('remaining', { description: 'Sessions that this call did not come to.' }),
    endCursor: t.exposeID('endCursor', { nullable: true, description: 'For `after` of the next call.' }),
  }),
});

builder.mutationField('rotateKeys', t =>
  t.field({
    type: RotateKeysPayload,
    description:
      'Puts sessions under the newest secret, for a few seconds a call; repeat it until none remain. Sessions go on running. Scope admin.',
    extensions: opens('admin'),
    args: { input: t.arg({ type: RotateKeysInput, required: true, description: 'Where to go on.' }) },
    resolve: (_root, { input }, { sessions, viewer }) =>
      sessions.rotateKeys({
        isVisible: id => viewer.canSee(id),
        ...(input.after != null && { after: input.after }),
      }),
  }),
);
