// @ts-check

/**
 * @typedef {{ readonly name: string, readonly value: string }} Instruction
 * @typedef {{ readonly image: string, readonly name: string | undefined, readonly steps: readonly Instruction[] }} Stage
 */

/**
 * What a Dockerfile says, stage by stage. Pure; of the language, what ours uses.
 *
 * @param {string} text
 * @returns {Stage[]}
 */
export function parseDockerfile(text) {
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter(Boolean);
  /** @type {{ image: string, name: string | undefined, steps: Instruction[] }[]} */
  const stages = [];
  for (const line of lines) {
    const [, name = '', value = ''] = /^([A-Z]+)\s+(.+)$/.exec(line) ?? [];
    if (name === '') throw new Error(`not an instruction: ${line}`);
    const [, image = '', stage] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(value) ?? [];
    if (name === 'FROM') stages.push({ image, name: stage, steps: [] });
    else stages.at(-1)?.steps.push({ name, value });
  }
  return stages;
}

/**
 * @param {string} value Of COPY.
 * @returns {{ from: string | undefined, sources: string[], target: string }}
 */
export function parseCopy(value) {
  const words = value.split(/\s+/);
  const flag = words.find(word => word.startsWith('--from='));
  const paths = words.filter(word => !word.startsWith('--'));
  return { from: flag?.slice('--from='.length), sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}

/**
 * @param {readonly Instruction[]} steps
 * @returns {Record<string, string>} What ENV sets.
 */
export function environmentOf(steps) {
  const pairs = steps.filter(({ name }) => name === 'ENV').flatMap(({ value }) => value.split(/\s+/));
  return Object.fromEntries(
    pairs.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

/**
 * @param {readonly Instruction[]} steps
 * @param {string} name CMD or HEALTHCHECK.
 * @returns {string[]} The command, which has to be a list: a shell in between would take the signals.
 */
export function commandOf(steps, name) {
  const value = steps.find(step => step.name === name)?.value ?? '';
  return JSON.parse(value.slice(value.indexOf('[')));
}
