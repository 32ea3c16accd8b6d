import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { StoreError } from '../../src/core/errors.ts';
import { ORIGIN, type SessionStore } from '../../src/core/store.ts';
import { openMongoStore } from '../../src/plugins/store-mongo/index.ts';
import { openTidbStore } from '../../src/plugins/store-tidb/index.ts';
import { changeOf, headAt, valuesOf } from '../contract/sample-changes.ts';
import { type Certificates, createCertificates } from '../support/certificates.ts';
import { type DatabaseServer, startDatabase } from '../support/database-server.ts';
import { describeWithTlsServer } from '../support/services.ts';
import { openRootLine, type RootLine } from './root-line.ts';

const CHANGE = changeOf('shop', ORIGIN, headAt(1, 1), { creds: 'c' });

/** How a store is told to connect. */
interface Way {
  readonly tls: 'on' | 'off';
  readonly authority?: 'ours' | 'a-stranger';
}

interface TlsScene {
  open(way: Way): Promise<SessionStore>;
  /** From here on the certificate is one of another name than that by which `open` connects. */
  becomeAnother(): Promise<void>;
}

function testTls({ open, becomeAnother }: TlsScene): void {
  const opened: SessionStore[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(store => store.close()));
  });
  const openFor = async (way: Way) => {
    const store = await open(way);
    opened.push(store);
    return store;
  };
  const refusalOf = async (way: Way): Promise<StoreError> => {
    const call = (await openFor(way)).applyChange(CHANGE);
    const error = await call.then(
      () => new Error('it was not refused'),
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    return error as StoreError;
  };

  it('is refused in words where it is off and the server asks for it', async () => {
    expect((await refusalOf({ tls: 'off' })).message).toMatch(/TLS/);
  });

  it('works with a server whose authority is named', async () => {
    const store = await openFor({ tls: 'on', authority: 'ours' });
    await store.applyChange(CHANGE);
    expect(await valuesOf(store, 'shop')).toEqual({ creds: 'c' });
  });

  it('takes no certificate of an authority that is unknown, another one, or of another server', async () => {
    const words = /certificate.* can not be verified/;
    expect((await refusalOf({ tls: 'on' })).message).toMatch(words);
    expect((await refusalOf({ tls: 'on', authority: 'a-stranger' })).message).toMatch(words);
    await becomeAnother();
    expect((await refusalOf({ tls: 'on', authority: 'ours' })).message).toMatch(words);
  });
}

let certificates: Certificates;
let server: DatabaseServer;

describeWithTlsServer('mariadb', 'TLS', () => {
  let root: RootLine;
  beforeAll(async () => {
    certificates = createCertificates();
    server = await startDatabase('mariadb', { tls: certificates });
    root = await openRootLine(server);
    // Not at its start: those who wait for it to answer do so without TLS.
    await root.run('SET GLOBAL require_secure_transport = ON');
  });
  afterAll(async () => {
    await root?.close();
    await server?.stop();
    certificates?.remove();
  });

  testTls({
    open({ tls, authority }) {
      const { authorityPem, strangerPem } = certificates;
      const ca = authority && { ca: authority === 'ours' ? authorityPem : strangerPem };
      const place = { host: 'localhost', port: server.tlsPort, user: 'root', password: '', database: 'tls' };
      return openTidbStore({ name: 'tidb', ...place, tls, ...ca });
    },
    async becomeAnother() {
      certificates.rename('elsewhere.test');
      await root.run('FLUSH SSL');
    },
  });
});

describeWithTlsServer('mongodb', 'TLS', () => {
  let host = 'localhost';
  beforeAll(async () => {
    certificates = createCertificates();
    server = await startDatabase('mongodb', { tls: certificates });
  });
  afterAll(async () => {
    await server?.stop();
    certificates?.remove();
  });

  testTls({
    open({ tls, authority }) {
      const uri = new URL(`mongodb://${host}:${server.tlsPort}/tls`);
      if (tls === 'on') uri.searchParams.set('tls', 'true');
      const { authority: ours, stranger } = certificates;
      if (authority) uri.searchParams.set('tlsCAFile', authority === 'ours' ? ours : stranger);
      return openMongoStore({ name: 'mongo', uri: uri.href, serverSelectionTimeoutMs: 1_000 });
    },
    async becomeAnother() {
      host = '127.0.0.1';
    },
  });

  it('says which kind of fault it is where a file of the address is missing', async () => {
    const uri = `mongodb://127.0.0.1:${server.tlsPort}/tls?tls=true&tlsCAFile=/nowhere`;
    const store = await openMongoStore({ name: 'mongo', uri });
    await expect(store.probe()).rejects.toThrow(/can not read a file of its address/);
    await store.close();
  });
});
