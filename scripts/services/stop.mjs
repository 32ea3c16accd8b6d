import { oneAtATime } from './one-at-a-time.mjs';
import { endRunning, readRunning } from './running.mjs';

await oneAtATime(async () => {
  for (const [service, running] of Object.entries(readRunning())) {
    await endRunning(service, running);
    console.log(`${service}: stopped`);
  }
});
