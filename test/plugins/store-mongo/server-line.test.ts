import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Documents } from '../../../src/plugins/store-mongo/documents.ts';
import { createDocuments } from '../../../src/plugins/store-mongo/mongo-documents.ts';
import { type Ask, createServerLine, type ServerLine } from '../../../src/plugins/store-mongo/server-line.ts';
import { describeWithService } from '../../support/services.ts';
import { dropDatabase, newDatabaseUri } from './mongo-store-subject.ts';

/** More than one page. */
const COUNT = 1_500;
const ALL = { from: '', to: '~' };

describeWithService('mongodb', 'the line to the server', () => {
  let uri: string;
  let line: ServerLine;
  let documents: Documents;
  beforeEach(async () => {
    uri = newDatabaseUri();
    const first = open();
    await first.insert(
      'sessiongraph_changes',
      Array.from({ length: COUNT }, (_, number) => ({ _id: String(number) })),
    );
    await line.close();
    // This one has not looked at the layout yet.
    documents = open();
  });
  afterEach(async () => {
    await line.close();
    await dropDatabase(uri);
  });

  function open(): Documents {
    line = createServerLine({ store: 'mongo', uri });
    return createDocuments(line);
  }

  /** As a write that failed at once: another client takes the place of this one. */
  async function fail(): Promise<void> {
    const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    await expect(line.ask('write', () => Promise.reject(broken))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  }

  async function countOf(stream: AsyncIterator<unknown[]>): Promise<number> {
    let count = 0;
    for (let page = await stream.next(); !page.done; page = await stream.next()) count += page.value.length;
    return count;
  }
  const read = () => documents.stream('sessiongraph_changes', ALL)[Symbol.asyncIterator]();

  it('lets a stream come to its end where another client takes the place of its own', async () => {
    const stream = read();
    const { value = [] } = await stream.next();
    await fail();
    expect(value.length + (await countOf(stream))).toBe(COUNT);
  });

  it('lets a stream begin where another client takes the place of its own meanwhile', async () => {
    const counting = countOf(read());
    await fail();
    expect(await counting).toBe(COUNT);
  });

  it('never takes a stream for empty that could not begin', async () => {
    /** Closed between the making of a cursor and its first question. */
    const { ask } = line;
    const closing: Ask = async (doing, question) => {
      const answer = await ask(doing, question);
      await line.close();
      return answer;
    };
    documents = createDocuments({ ...line, hold: () => ({ ask: closing, release: () => {} }) });
    await expect(countOf(read())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('ends what was held when it is closed', async () => {
    const { ask } = line.hold();
    await fail();
    await line.close();
    await expect(ask('read', ({ db }) => db.command({ ping: 1 }))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});
