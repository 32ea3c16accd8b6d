// @ts-check
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { environmentOf, parseCopy } from './dockerfile.mjs';

/** @typedef {import('./dockerfile.mjs').Stage} Stage */

/**
 * Does what building an image would do, with folders in the place of images: each stage is a folder, RUN runs here.
 *
 * @param {readonly Stage[]} stages
 * @param {{ context: string, folder: string }} places What is built, and where.
 * @returns {{ root: string, workdir: string }} The folder that stands for the last image.
 */
export function replay(stages, { context, folder }) {
  chmodSync(folder, 0o755);
  const roots = new Map(stages.map((stage, place) => [stage, join(folder, stage.name ?? `stage-${place}`)]));
  /** @param {string | undefined} from */
  const rootOf = from => {
    const stage = from === undefined ? undefined : stages.find(({ name }) => name === from);
    return stage ? (roots.get(stage) ?? context) : context;
  };
  let workdir = '';
  for (const [stage, root] of roots) {
    mkdirSync(root);
    for (const { name, value } of stage.steps) {
      if (name === 'WORKDIR') {
        workdir = join(root, value);
        mkdirSync(workdir, { recursive: true });
      }
      if (name === 'COPY') copy(value, workdir, rootOf);
      if (name === 'RUN') run(value, { root, workdir, environment: environmentOf(stage.steps) });
    }
  }
  return { root: [...roots.values()].at(-1) ?? folder, workdir };
}

/**
 * @param {string} value
 * @param {string} workdir
 * @param {(from: string | undefined) => string} rootOf
 */
function copy(value, workdir, rootOf) {
  const { from, sources, target } = parseCopy(value);
  for (const source of sources) {
    const isInto = target.endsWith('/');
    const to = join(workdir, target, isInto ? basename(source) : '');
    cpSync(join(rootOf(from), source), to, { recursive: true, verbatimSymlinks: true });
  }
}

/**
 * @param {string} command
 * @param {{ root: string, workdir: string, environment: Record<string, string> }} where
 */
function run(command, { root, workdir, environment }) {
  // An image's own paths lie in its folder here; only root may give a folder away.
  const here = command.replace(/(?<=\s)\/(?=data\b)/g, `${root}/`);
  const allowed = process.getuid?.() === 0 ? here : here.replace(/ -[og] \d+/g, '');
  console.log(`RUN ${command}`);
  execFileSync('sh', ['-ec', allowed], {
    cwd: workdir,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment, NODE_ENV: environment.NODE_ENV },
  });
}
