import { type PhaseRequest, runPhase } from './phases.ts';

/** One phase in a process of its own: the request is the first argument, the result is the last line. */
const request: PhaseRequest = JSON.parse(process.argv[2] ?? '');
console.log(JSON.stringify(await runPhase(request)));
process.exit(0);
