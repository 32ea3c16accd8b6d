/** MongoDB itself. It has no package that can be installed by name, so it is used where it is on the PATH. */
/** @type {import('./services.mjs').Server} */
export const mongod = {
  name: 'MongoDB',
  programs: ['mongod'],
  parameters: ({ folder, port }) => [
    `--dbpath=${folder}`,
    '--bind_ip=127.0.0.1',
    `--port=${port}`,
    '--nounixsocket',
  ],
  url: port => `mongodb://127.0.0.1:${port}/sessiongraph_test`,
};
