import type { DesiredState as State } from '../core/sessions/session-views.ts';
import { builder } from './builder.ts';
import { describedValues } from './described-values.ts';

const DESCRIPTIONS: Record<State, string> = {
  RUNNING: 'It is kept connected, also after a restart of the server.',
  STOPPED: 'It stays disconnected until startSession.',
};

export const DesiredState = builder.enumType('DesiredState', {
  description: 'What the owner of a session asked for last.',
  values: describedValues(DESCRIPTIONS),
});
