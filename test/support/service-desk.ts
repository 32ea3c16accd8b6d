import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Missing, Obtained } from '../../scripts/services/obtain.mjs';
import { SERVICE_NAMES, type ServiceName } from '../../scripts/services/services.mjs';

/** Where the workers of a run ask for services; each is started when the first of them wants it. */
export interface ServiceDesk {
  readonly url: string;
  /** Stops what was started. */
  close(): Promise<void>;
}

export async function openServiceDesk(): Promise<ServiceDesk> {
  const asked = new Map<ServiceName, Promise<Obtained | Missing>>();
  const server = createServer(async (request, response) => {
    const name = SERVICE_NAMES.find(service => request.url === `/${service}`);
    const answer = name === undefined ? { error: `no service at ${request.url}` } : await ask(name);
    response.end(JSON.stringify(answer));
  });

  function ask(name: ServiceName): Promise<Obtained | Missing | { error: string }> {
    const obtained = asked.get(name) ?? obtainForThisRun(name);
    asked.set(name, obtained);
    return obtained.catch(error => ({ error: String(error) }));
  }

  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      await Promise.all([...asked.values()].map(stopIfStarted));
    },
  };
}

async function obtainForThisRun(name: ServiceName): Promise<Obtained | Missing> {
  // Loaded when it is wanted: the drivers would cost every run of a single test file half a second.
  const { obtain } = await import('../../scripts/services/obtain.mjs');
  return obtain(name, { install: 'no', outlivesUs: 'no' });
}

async function stopIfStarted(asked: Promise<Obtained | Missing>): Promise<void> {
  const obtained = await asked.catch(() => undefined);
  if (obtained === undefined || 'missing' in obtained || obtained.started === undefined) return;
  const { endServer } = await import('../../scripts/services/end-server.mjs');
  await endServer(obtained.started);
}
