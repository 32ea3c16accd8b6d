import { join } from 'node:path';

/** TiDB on its embedded storage. It has no package that can be installed by name. */
/** @type {import('./services.mjs').Server} */
export const tidbServer = {
  name: 'TiDB',
  programs: ['tidb-server'],
  parameters: ({ folder, port }) => [
    '-store=unistore',
    `-path=${join(folder, 'data')}`,
    `-temp-dir=${join(folder, 'temporary')}`,
    `-socket=${join(folder, 'socket')}`,
    '-host=127.0.0.1',
    `-P=${port}`,
    '-report-status=false',
    '-L=warn',
  ],
  url: port => `mysql://root@127.0.0.1:${port}/sessiongraph_test`,
};
