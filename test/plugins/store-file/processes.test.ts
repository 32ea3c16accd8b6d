import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openFileStore } from '../../../src/plugins/store-file/index.ts';
import { valuesOf } from '../../contract/sample-changes.ts';
import { compilePlugin, type StoreProcess, startProcess } from './compiled-plugin.ts';
import { newDirectory } from './file-store-subject.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 10);

describe('processes on one data directory', () => {
  let compiled: string;
  let directory: string;
  const started: StoreProcess[] = [];
  const start = (mode: 'hold' | 'write', where = directory) => {
    const process = startProcess(compiled, mode, where);
    started.push(process);
    return process;
  };
  const nextLine = async ({ lines }: StoreProcess): Promise<string> => (await lines.next()).value ?? 'ended';

  beforeAll(async () => {
    compiled = await compilePlugin();
  });
  afterAll(() => rm(compiled, { recursive: true, force: true }));
  beforeEach(async () => {
    directory = await newDirectory();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map(process => process.kill()));
    await rm(directory, { recursive: true, force: true });
  });

  it(`loses nothing acknowledged and tears nothing in ${ROUNDS} kills`, {
    timeout: 20_000 + ROUNDS * 2000,
  }, async () => {
    let acknowledged = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const writer = start('write');
      expect(await nextLine(writer)).toBe('open');
      // A prime, so that the kills also come in the middle of the replacements.
      for (let count = 0; count < 17 + round * 7; count += 1) acknowledged = Number(await nextLine(writer));
      const killed = writer.kill();
      for await (const line of writer.lines) acknowledged = Number(line);
      await killed;

      const store = await openFileStore({ name: 'file', directory });
      const revision = (await store.readHead('busy'))?.revision ?? 0;
      expect(revision - acknowledged).toSatisfy(ahead => ahead === 0 || ahead === 1);
      const values = Object.values((await valuesOf(store, 'busy')) ?? {});
      expect(values).toHaveLength(5);
      for (const value of values) expect(value.startsWith(`${revision};`)).toBe(true);
      await store.close();
    }
  });

  it('refuses a second process, and names the first', async () => {
    const owner = start('hold');
    expect(await nextLine(owner)).toBe('open');
    const refused = await nextLine(start('hold'));
    expect(refused).toContain(`refused SESSION_HELD_ELSEWHERE`);
    expect(refused).toContain(`process ${owner.child.pid} on `);
    await expect(openFileStore({ name: 'file', directory })).rejects.toThrow(`process ${owner.child.pid} `);
  });

  it('lets the next process in when the first closes its store', async () => {
    const owner = start('hold');
    expect(await nextLine(owner)).toBe('open');
    owner.child.send('close');
    expect(await nextLine(owner)).toBe('ended');
    const store = await openFileStore({ name: 'file', directory });
    await expect(openFileStore({ name: 'file', directory })).rejects.toMatchObject({
      code: 'SESSION_HELD_ELSEWHERE',
    });
    await store.close();
  });

  it('takes over from a process that was killed', async () => {
    const owner = start('hold');
    await nextLine(owner);
    await owner.kill();
    expect(await readdir(join(directory, '.sessiongraph/lock'))).toHaveLength(1);
    const store = await openFileStore({ name: 'file', directory });
    expect(await readdir(join(directory, '.sessiongraph/lock'))).toHaveLength(1);
    await store.close();
    expect(await readdir(join(directory, '.sessiongraph/lock'))).toHaveLength(0);
  });

  it('lets one of many in that come at once, whatever killed processes left', async () => {
    for (let round = 0; round < 2; round += 1) {
      const rivals = Array.from({ length: 4 }, () => start('hold'));
      const answers = await Promise.all(rivals.map(nextLine));
      expect(answers.filter(answer => answer === 'open')).toHaveLength(1);
      expect(answers.filter(answer => answer.startsWith('refused SESSION_HELD_ELSEWHERE'))).toHaveLength(3);
      await Promise.all(rivals.map(rival => rival.kill()));
    }
  });

  it('locks a directory whose path is too long for a socket', async () => {
    const deep = join(directory, 'a-long-name'.repeat(8), 'b'.repeat(60));
    const owner = start('hold', deep);
    expect(await nextLine(owner)).toBe('open');
    await expect(openFileStore({ name: 'file', directory: deep })).rejects.toThrow(
      `process ${owner.child.pid} `,
    );
    await owner.kill();
    await (await openFileStore({ name: 'file', directory: deep })).close();
    expect(await readdir(join(deep, '.sessiongraph/lock'))).toEqual([]);
  });

  it('lets processes on different directories be', async () => {
    const other = await newDirectory();
    expect(await nextLine(start('hold'))).toBe('open');
    expect(await nextLine(start('hold', other))).toBe('open');
    await rm(other, { recursive: true });
  });
});
