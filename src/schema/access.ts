import { defaultFieldResolver, type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql';
import { SessionError } from '../core/errors.ts';
import { readSessionId } from '../core/sessions/session-id.ts';
import { failingStream, guardStream } from './guarded-stream.ts';
import type { CallRate, RequestContext } from './request-context.ts';
import type { Scope, Viewer } from './viewer.ts';

/** What a field asks of the viewer before its resolver runs. */
export interface Access {
  readonly scope: Scope;
  /** The answer to a session id that the token may not see: as if there were none, unless said otherwise. */
  readonly outside?: 'FORBIDDEN';
  /** A second scope that some arguments need. */
  readonly alsoFor?: (args: FieldArguments) => Scope | undefined;
  /** How often a mutation may be called: `common` unless said otherwise. */
  readonly rate?: CallRate;
}

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    access?: Access;
  }
}

/** For a field's `extensions`: the scope that opens it. */
export const opens = (scope: Scope, rest: Omit<Access, 'scope'> = {}) => ({ access: { scope, ...rest } });

/**
 * Authorisation, in one place: puts the checks in front of every field that declares its access, in the order
 * scope, form of the session id, visibility. A root field that declares none fails here, at start. So a resolver
 * can neither forget the checks nor repeat them.
 */
export function protectFields(schema: GraphQLSchema): GraphQLSchema {
  const rootGuards = new Map([
    [schema.getQueryType(), guardQuery],
    [schema.getMutationType(), guardMutation],
    [schema.getSubscriptionType(), guardSubscription],
  ]);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const rootGuard = rootGuards.get(type);
    for (const field of Object.values(type.getFields())) {
      const { access } = field.extensions;
      if (access !== undefined) (rootGuard ?? guardField)(field, access);
      else if (rootGuard) throw new Error(`${type.name}.${field.name} does not say which scope opens it`);
    }
  }
  return schema;
}

type Field = GraphQLField<unknown, RequestContext>;

function guardField(field: Field, access: Access) {
  const { resolve = defaultFieldResolver } = field;
  field.resolve = (source, args, context, info) => {
    requireScope(context.viewer, access.scope);
    return resolve(source, args, context, info);
  };
}

function guardQuery(field: Field, access: Access) {
  const { resolve = defaultFieldResolver } = field;
  field.resolve = (source, args, context, info) =>
    admits(context.viewer, access, args) ? resolve(source, args, context, info) : null;
}

function guardMutation(field: Field, access: Access) {
  const { resolve = defaultFieldResolver } = field;
  field.resolve = (source, args, context, info) => {
    requireScope(context.viewer, access.scope);
    // Before the id is looked at: a hidden session must use up the rate as a missing one does. Aliases count.
    if (!context.admitCall(field.name, access.rate ?? 'common')) throw tooMany(`calls of ${field.name}`);
    if (!admits(context.viewer, access, args)) throw refusal(access);
    return resolve(source, args, context, info);
  };
}

/** A refused id fails from the stream, not before it: that is how a missing one fails, and the two must look alike. */
function guardSubscription(field: Field, access: Access) {
  const { subscribe } = field;
  field.subscribe = async (source, args, context, info) => {
    const isAdmitted = admits(context.viewer, access, args);
    const leave = context.takePlace();
    if (leave === undefined) throw tooMany('open subscriptions');
    const open = () =>
      isAdmitted ? subscribe?.(source, args, context, info) : failingStream(refusal(access));
    try {
      const stream = (await open()) as AsyncIterator<unknown>;
      return guardStream(stream, { viewer: context.viewer, signal: context.signal(), onEnd: leave });
    } catch (error) {
      leave();
      throw error;
    }
  };
}

/** Whether the session that the arguments name, if they name one, is the viewer's to know of. */
function admits(viewer: Viewer, { scope, alsoFor }: Access, args: FieldArguments): boolean {
  requireScope(viewer, scope);
  const second = alsoFor?.(args);
  if (second) requireScope(viewer, second);
  const id = args.id ?? args.input?.id;
  return id == null || viewer.canSee(readSessionId(id));
}

/** Where a field takes a session id, it is called `id`, or is the `id` of its `input`. */
export interface FieldArguments {
  readonly id?: string | null;
  readonly input?: { readonly id?: string; readonly acceptStale?: boolean | null };
}

function requireScope(viewer: Viewer, scope: Scope) {
  if (viewer.scopes.has(scope) || viewer.scopes.has('admin')) return;
  throw new SessionError('FORBIDDEN', `This needs a token with the scope ${scope}.`);
}

const tooMany = (what: string) =>
  new SessionError('RATE_LIMITED', `Too many ${what}. Wait a moment, then try again.`);

const refusal = ({ outside }: Access) =>
  outside === 'FORBIDDEN'
    ? new SessionError('FORBIDDEN', 'The token does not extend to a session of this id.')
    : new SessionError('SESSION_NOT_FOUND', 'There is no such session.');
