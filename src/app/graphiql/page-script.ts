import { EXAMPLE_TABS } from './example-tabs.ts';

/**
 * Runs in the browser. Subscriptions come over server-sent events, under the headers of their tab like everything
 * else: a WebSocket would take its token from somewhere else. Headers are not kept, for they hold a token.
 */
export const PAGE_SCRIPT = `'use strict';
const PLACEHOLDER = 'Bearer TOKEN';
const HEADERS = JSON.stringify({ authorization: PLACEHOLDER });
const tabs = ${JSON.stringify(EXAMPLE_TABS)};

function isSubscription({ operationName }, documentAST) {
  const operations = (documentAST?.definitions ?? []).filter(({ kind }) => kind === 'OperationDefinition');
  const chosen = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  return chosen?.operation === 'subscription';
}

// Each tab has headers of its own: where one still has the placeholder, the token that was used last counts.
let token;
function withToken(headers) {
  const { authorization } = headers ?? {};
  if (authorization && authorization !== PLACEHOLDER) token = authorization;
  return { ...headers, ...(token && { authorization: token }) };
}

function post(params, headers, accept) {
  const body = JSON.stringify(params);
  return fetch(location.pathname, {
    method: 'POST',
    headers: { ...withToken(headers), accept, 'content-type': 'application/json' },
    body,
  });
}

async function* subscribe(params, headers) {
  const response = await post(params, headers, 'text/event-stream');
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return yield response.json();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = '';
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (unread + part.value).split('\\n');
      unread = lines.pop();
      for (const line of lines) if (line.startsWith('data: {')) yield JSON.parse(line.slice(6));
    }
  } finally {
    reader.cancel();
  }
}

const fetcher = (params, { headers, documentAST } = {}) =>
  isSubscription(params, documentAST)
    ? subscribe(params, headers)
    : post(params, headers, 'application/json').then(response => response.json());

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultHeaders: HEADERS,
    defaultTabs: tabs.map(tab => ({ headers: HEADERS, ...tab })),
    defaultEditorToolsVisibility: 'headers',
    shouldPersistHeaders: false,
    inputValueDeprecation: true,
  }),
);
`;
