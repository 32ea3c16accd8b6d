interface ExampleTab {
  readonly query: string;
  readonly variables?: string;
}

const ID = '{ "id": "shop" }';

/** What GraphiQL opens with: the life of a session, from left to right. */
export const EXAMPLE_TABS: readonly ExampleTab[] = [
  {
    query: `# Put a token under "Headers": the one that the server printed, or what \`sessiongraph token\` makes.
query Sessions {
  sessions(first: 20) {
    totalCount
    unreachableStores
    edges { node { id status phoneNumber displayName statusReason { code message } } }
  }
}`,
  },
  {
    query: `mutation Create($id: ID!) {
  createSession(input: { id: $id }) { session { id status } }
}`,
    variables: ID,
  },
  {
    query: `# Each code in turn; it ends when the phone has accepted one. "image" is for an <img>.
subscription ShowQr($id: ID!) {
  sessionQrIssued(id: $id) { data image ordinal expiresAt }
}`,
    variables: ID,
  },
  {
    query: `# The present status first, then each change.
subscription WatchStatus {
  sessionStatusChanged { at previous status reason { code message } session { id } }
}`,
  },
  {
    query: `query Status($id: ID!) {
  session(id: $id) {
    status
    statusReason { code message retryAt }
    epoch
    revision
    copies { store state revision behindBy error }
    history(first: 5) { edges { node { at status reason { code } server } } }
  }
}`,
    variables: ID,
  },
  {
    query: `# Waits until every store holds the newest revision.
mutation Sync($id: ID!) {
  syncSession(input: { id: $id }) { session { copies { store state revision } } }
}`,
    variables: ID,
  },
  {
    query: `# From the freshest store that can be reached; "from" names another.
mutation Restore($id: ID!) {
  restoreSession(input: { id: $id }) { restoredFrom session { status epoch revision } }
}`,
    variables: ID,
  },
  {
    query: `# For good, everywhere, and unlinked from the phone.
mutation Delete($id: ID!) {
  deleteSession(input: { id: $id }) { deletedFrom pendingIn unlinked }
}`,
    variables: ID,
  },
];
