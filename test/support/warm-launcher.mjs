// Loads everything a server loads, waits for its environment, and then runs the very program that `npm start` runs:
// a hundred restarts in one test without a hundred times the time it takes to load the modules.
import '../../dist/server.js';

process.once('message', environment => {
  Object.assign(process.env, environment);
  import('../../dist/main.js');
});
