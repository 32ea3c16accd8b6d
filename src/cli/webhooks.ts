import { readConfig } from '../config.ts';
import { type EndpointTrial, tryWebhooks } from '../open-webhooks.ts';
import { badArguments, type Command, readWords } from './command.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';

export const webhooks: Command = {
  help: `sessiongraph webhooks test [--json]

Sends an event of the type webhook.test to each endpoint of WEBHOOK_URL, signed with WEBHOOK_SECRET, and prints what it
answered. Ends with 1 where one did not take it. Reads the environment of the server and needs none that runs.`,
  options: {},
  async run(call) {
    const [verb, ...rest] = call.words;
    if (verb !== 'test') throw badArguments('webhooks does one thing: test');
    readWords({ words: rest }, []);
    const config = readConfig(call.environment).webhooks;
    if (!config) throw new CommandFailure(EXIT.config, 'CONFIG', 'WEBHOOK_URL names no endpoint');
    const trials = await tryWebhooks(config);
    call.print(trials.map(draw).join('\n'), { endpoints: trials });
    const missed = trials.filter(({ delivered }) => !delivered).length;
    if (missed > 0)
      throw new CommandFailure(EXIT.failed, 'NOT_DELIVERED', `${missed} of ${trials.length} did not take it`);
  },
};

function draw({ endpoint, delivered, status, error }: EndpointTrial): string {
  return `${delivered ? '✓' : '✗'} ${endpoint}: ${error ?? `answered ${status}`}`;
}
