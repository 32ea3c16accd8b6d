import { createNarrator, StepFailed } from './narrator.ts';
import { openStage } from './stage.ts';
import { tellStory } from './story.ts';

const PROLOGUE = `sessiongraph: a linked WhatsApp device that outlives its server and its disk.
All of this runs on this machine. WhatsApp, Ada's phone and her contact Grace are simulated; the server, the
client (Baileys) and the encryption (libsignal) are the real ones. Each line is checked before it is printed.`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const beganAt = performance.now();
  print(PROLOGUE);
  const stage = await openStage();
  try {
    await tellStory(createNarrator(process.stdout), stage);
    print(`\nAll of it is true, after ${((performance.now() - beganAt) / 1_000).toFixed(1)} s.`);
    return 0;
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.stderr.write(`\nNot true: ${error.message}\n`);
    return 1;
  } finally {
    await stage.close();
  }
}

process.once('SIGINT', () => process.exit(130));
process.exit(await main());
