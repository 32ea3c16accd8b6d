// All attacks at once, each at a rate of its own, whatever becomes of them; in a process of its own, so that the server
// has a core to itself. At any message it says how often each attack ended in which way.
import { createAttacks } from './attacks.mjs';

const PER_SECOND = {
  queries: 40,
  aliases: 20,
  depth: 20,
  tokens: 10,
  batches: 20,
  garbage: 20,
  badTokens: 40,
  largeBodies: 5,
  undeclaredBodies: 5,
  largeHeaders: 10,
  slowHeaders: 5,
  slowBodies: 5,
  largeFrames: 5,
  manyOperations: 2,
  manySockets: 10,
  deafSockets: 1,
  deafStreams: 2,
  deafPipelines: 0.5,
};

const [url = '', token = ''] = process.argv.slice(2);
// By attacker: who takes all places of one subject should stand in nobody else's way, not even in its own.
const attacks = createAttacks({ url, token });
const endings = {};

for (const [name, rate] of Object.entries(PER_SECOND)) {
  endings[name] = {};
  const note = ending => {
    endings[name][ending] = (endings[name][ending] ?? 0) + 1;
  };
  setInterval(() => void attacks[name]().then(note), 1_000 / rate);
}

process.on('message', () => {
  process.send(endings, () => process.exit(0));
});
