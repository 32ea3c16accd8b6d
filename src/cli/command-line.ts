import { badArguments, type Command, readCall, type Surroundings } from './command.ts';
import { EXIT, toFailure } from './exit-codes.ts';

/** Loaded when used: to mint a token takes no WhatsApp client. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serve,
  import: async () => (await import('./import.ts')).importFolders,
  export: async () => (await import('./export.ts')).exportSession,
  token: async () => (await import('./token.ts')).token,
  sessions: async () => (await import('./sessions.ts')).sessions,
  qr: async () => (await import('./qr.ts')).qr,
  keys: async () => (await import('./keys.ts')).keys,
  doctor: async () => (await import('./doctor.ts')).doctor,
  webhooks: async () => (await import('./webhooks.ts')).webhooks,
  simulator: async () => (await import('./simulator.ts')).simulator,
};

const HELP = `sessiongraph [COMMAND] [OPTIONS]

  serve         the server; what runs without a command
  import        take over sessions that Baileys keeps in folders
  export        write a session as a folder that Baileys can use
  token         mint a bearer token
  sessions      list, look at, sync, restore and delete the sessions of a running server
  qr            link a session by a QR code in the terminal
  keys          make, list, rotate and retire the secrets that sessions are encrypted under
  doctor        say what is wrong, and what to do about it
  webhooks      try the endpoints that are called when something happens
  simulator     a simulated WhatsApp to develop against

sessiongraph COMMAND --help tells more. Commands that find something print it as JSON with --json.

Exit codes: 0 done, 1 could not be done, 2 bad arguments, 69 a server or store cannot be reached or is held by another
process, 77 the token does not allow it, 78 the environment has to be put right.`;

/** One call of the command line; resolves with its exit code. A server that it started goes on. */
export async function runCommandLine(args: readonly string[], around: Surroundings): Promise<number> {
  const [first = 'serve', ...others] = args;
  // Options without a command are the server's.
  const [name, rest] = first.startsWith('-') ? ['serve', args] : [first, others];
  try {
    if (['--help', '-h', 'help'].includes(first)) around.write(HELP);
    else await runCommand(name, rest, around);
    return EXIT.done;
  } catch (error) {
    const { exitCode, code, message } = toFailure(error);
    around.writeError(args.includes('--json') ? JSON.stringify({ error: { code, message } }) : message);
    return exitCode;
  }
}

async function runCommand(name: string, args: readonly string[], around: Surroundings): Promise<void> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) throw badArguments(`there is no command ${name}; sessiongraph --help lists them`);
  const command = await load();
  const call = readCall(command, args, around);
  if (call.has('help')) around.write(command.help);
  else await command.run(call);
}
