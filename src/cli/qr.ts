import { toString as drawQr } from 'qrcode';
import { API_HELP, API_OPTIONS, type Api, openApi } from './api.ts';
import { type Call, type Command, readWords } from './command.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';

const LOOK = 'query ($id: ID!) { session(id: $id) { status linked phoneNumber } }';
const CREATE = 'mutation ($id: ID!) { createSession(input: { id: $id }) { session { id } } }';
const START = 'mutation ($id: ID!) { startSession(input: { id: $id }) { session { id } } }';
const CODES = 'subscription ($id: ID!) { sessionQrIssued(id: $id) { data ordinal expiresAt } }';
/** Where codes come only once somebody starts the session. */
const RESTS = ['STOPPED', 'PAIRING_EXPIRED', 'LOGGED_OUT'];

interface Look {
  readonly session: {
    readonly status: string;
    readonly linked: boolean;
    readonly phoneNumber: string | null;
  } | null;
}

interface Issued {
  readonly sessionQrIssued: { readonly data: string; readonly ordinal: number; readonly expiresAt: string };
}

export const qr: Command = {
  help: `sessiongraph qr ID [--url URL] [--token TOKEN] [--json]

Draws the QR codes of a session until a phone has scanned one. The session is created, or started, where that is
needed. With --json each code is a line of its own, and so is the end.

${API_HELP}`,
  options: API_OPTIONS,
  async run(call) {
    const [id = ''] = readWords(call, ['ID']);
    const api = openApi(call);
    await makeReady(api, id);
    for await (const { sessionQrIssued: code } of api.subscribe<Issued>(CODES, { id }))
      await show(call, code);
    const { session } = await api.request<Look>(LOOK, { id });
    if (!session?.linked) throw new CommandFailure(EXIT.failed, 'NOT_LINKED', `session ${id} is not linked`);
    const { phoneNumber } = session;
    call.print(`${id} is linked to ${phoneNumber ?? 'a phone'}`, { linked: true, phoneNumber });
  },
};

async function makeReady(api: Api, id: string): Promise<void> {
  const { session } = await api.request<Look>(LOOK, { id });
  if (!session) await api.request(CREATE, { id });
  else if (RESTS.includes(session.status)) await api.request(START, { id });
}

async function show(call: Call, code: Issued['sessionQrIssued']): Promise<void> {
  const drawn = call.has('json') ? '' : await drawQr(code.data, { type: 'utf8' });
  call.print(`${drawn}\nWhatsApp > Linked devices > Link a device. Code ${code.ordinal}`, code);
}
