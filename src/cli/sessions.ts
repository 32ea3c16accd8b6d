import { drawTable } from '../table.ts';
import { API_HELP, API_OPTIONS, type Api, openApi } from './api.ts';
import { badArguments, type Call, type Command, readWords } from './command.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';

const FIELDS = 'id status linked phoneNumber heldBy epoch revision';
const LIST = `query ($after: String) {
  sessions(first: 100, after: $after) {
    edges { node { ${FIELDS} } } pageInfo { hasNextPage endCursor } unreachableStores
  }
}`;
const STATUS = `query ($id: ID!) {
  session(id: $id) {
    ${FIELDS} desiredState statusReason { code message retryAt } lastConnectedAt
    copies { store state epoch revision lastSyncedAt error }
  }
}`;
const SYNC = `mutation ($input: SyncSessionInput!) { syncSession(input: $input) { session { ${FIELDS} } } }`;
const RESTORE = `mutation ($input: RestoreSessionInput!) {
  restoreSession(input: $input) { restoredFrom session { ${FIELDS} } }
}`;
const DELETE = `mutation ($input: DeleteSessionInput!) {
  deleteSession(input: $input) { id deletedFrom pendingIn unlinked }
}`;

type Row = Readonly<Record<string, unknown>>;

interface Page {
  readonly sessions: {
    readonly edges: readonly { readonly node: Row }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly unreachableStores: readonly string[];
  };
}

export const sessions: Command = {
  help: `sessiongraph sessions ls
sessiongraph sessions status ID
sessiongraph sessions sync ID [--store NAME]
sessiongraph sessions restore ID [--from STORE] [--accept-stale]
sessiongraph sessions delete ID [--stores NAMES]

Looks at the sessions of a running server and takes care of them. restore takes the copy of one store (the freshest
one), and with --accept-stale one that is behind. delete unlinks the phone and leaves nothing; with --stores it only
takes the session out of these stores.

${API_HELP}
  --json          the answer as JSON`,
  options: {
    ...API_OPTIONS,
    store: { type: 'string' },
    from: { type: 'string' },
    'accept-stale': { type: 'boolean' },
    stores: { type: 'string' },
  },
  async run(call) {
    const [verb = '', ...words] = call.words;
    const act = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
    if (!act) throw badArguments(`sessions does one of ${Object.keys(VERBS).join(', ')}`);
    const [id = ''] = readWords({ words }, verb === 'ls' ? [] : ['ID']);
    await act(openApi(call), id, call);
  },
};

const VERBS: Readonly<Record<string, (api: Api, id: string, call: Call) => Promise<void>>> = {
  async ls(api, _, call) {
    const rows: Row[] = [];
    let page: Page['sessions'] | undefined;
    do {
      const after: string | null = page?.pageInfo.endCursor ?? null;
      page = (await api.request<Page>(LIST, { after })).sessions;
      rows.push(...page.edges.map(({ node }) => node));
    } while (page.pageInfo.hasNextPage);
    const { unreachableStores } = page;
    const lacks = unreachableStores.map(
      store => `\nStore ${store} cannot be asked; what only it holds is missing.`,
    );
    call.print(`${drawTable(rows)}${lacks.join('')}`, { sessions: rows, unreachableStores });
  },

  async status(api, id, call) {
    const { session } = await api.request<{ session: (Row & { copies: readonly Row[] }) | null }>(STATUS, {
      id,
    });
    if (!session) {
      throw new CommandFailure(EXIT.failed, 'SESSION_NOT_FOUND', `there is no session ${id}`);
    }
    const { copies, statusReason, ...own } = session;
    const reason = statusReason ? `\n${(statusReason as { message: string }).message}` : '';
    call.print(`${drawTable([own])}${reason}\n\n${drawTable(copies)}`, session);
  },

  async sync(api, id, call) {
    const store = call.text('store');
    const input = { id, ...(store !== undefined && { store }) };
    const { syncSession } = await api.request<{ syncSession: { session: Row } }>(SYNC, { input });
    call.print(drawTable([syncSession.session]), syncSession);
  },

  async restore(api, id, call) {
    const from = call.text('from');
    const input = { id, acceptStale: call.has('accept-stale'), ...(from !== undefined && { from }) };
    const { restoreSession } = await api.request<{ restoreSession: { restoredFrom: string; session: Row } }>(
      RESTORE,
      { input },
    );
    const { restoredFrom, session } = restoreSession;
    call.print(`Restored from ${restoredFrom}.\n${drawTable([session])}`, restoreSession);
  },

  async delete(api, id, call) {
    const stores = call.text('stores')?.split(',');
    const { deleteSession } = await api.request<{ deleteSession: Row }>(DELETE, {
      input: { id, ...(stores && { stores }) },
    });
    call.print(drawTable([deleteSession]), deleteSession);
  },
};
