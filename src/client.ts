import { readServerEvents } from './client/server-events.ts';

export {
  CreateSessionDocument,
  type CreateSessionInput,
  DeleteSessionDocument,
  type DeleteSessionInput,
  EncryptionKeysDocument,
  HistoryDocument,
  LogoutSessionDocument,
  MessageReceivedDocument,
  RequestPairingCodeDocument,
  RestoreSessionDocument,
  ReviveWebhookDeadLettersDocument,
  RotateKeysDocument,
  type RotateKeysInput,
  SendTextDocument,
  SessionDeletedDocument,
  SessionDocument,
  type SessionPartsFragment,
  SessionQrIssuedDocument,
  type SessionStatus,
  SessionStatusChangedDocument,
  SessionsDocument,
  StartSessionDocument,
  StopSessionDocument,
  StoresDocument,
  SyncSessionDocument,
  WebhookDeadLettersDocument,
} from './client/documents.ts';

/** A document that knows its result and its variables: one of those above, or of your own code generator. */
export interface TypedDocument<Result, Variables> {
  toString(): string;
  readonly __apiType?: ((variables: Variables) => Result) | undefined;
}

export interface ClientOptions {
  /** E.g. `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  /** A bearer token, or what gives one: asked for each request, so that one that expires can be replaced. */
  readonly token: string | (() => string | Promise<string>);
}

/** What the server answered instead of data; `code` is that of the first error. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly errors: readonly GraphQLFailure[];

  constructor(errors: readonly GraphQLFailure[]) {
    super(errors.map(({ message }) => message).join(' '));
    this.errors = errors;
    this.code = errors[0]?.extensions?.code ?? 'INTERNAL';
  }
}

export interface GraphQLFailure {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string };
}

export interface Client {
  /** The data. Rejects with an ApiError; with whatever `fetch` rejects with where no server answers. */
  request<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
  ): Promise<Result>;
  /** Over server-sent events: ends with the subscription, or when the loop over it is left. Does not reconnect. */
  subscribe<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
  ): AsyncGenerator<Result>;
}

/** A typed client with no dependencies, for Node and browsers. */
export function createClient({ url, token }: ClientOptions): Client {
  async function post(
    document: object,
    variables: unknown,
    accept: string,
    signal: AbortSignal | null = null,
  ) {
    const bearer = typeof token === 'string' ? token : await token();
    return fetch(url, {
      method: 'POST',
      headers: { accept, authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: String(document), variables }),
      signal,
    });
  }
  return {
    request: async (document, variables) =>
      dataOf(await (await post(document, variables, 'application/json')).json()),
    async *subscribe(document, variables) {
      const left = new AbortController();
      try {
        const response = await post(document, variables, 'text/event-stream', left.signal);
        const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
        if (!isStream) return yield dataOf(await response.json());
        for await (const data of readServerEvents(response)) yield dataOf(JSON.parse(data));
      } finally {
        left.abort();
      }
    },
  };
}

function dataOf<Result>({ data, errors }: { data?: Result | null; errors?: GraphQLFailure[] }): Result {
  if (errors) throw new ApiError(errors);
  if (data) return data;
  throw new ApiError([{ message: 'What answers there is not sessiongraph.' }]);
}
