import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An authority of a test's own, and the certificate it gave to a server, of the name `localhost` and no other. */
export interface Certificates {
  /** PEM files; the stranger is an authority that signed nothing. */
  readonly authority: string;
  readonly stranger: string;
  readonly certificate: string;
  readonly key: string;
  /** What is in the two. */
  readonly authorityPem: string;
  readonly strangerPem: string;
  /** The same file becomes a certificate of another name. */
  rename(host: string): void;
  remove(): void;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];

export function createCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'sessiongraph-certificates-'));
  const at = (name: string) => join(folder, name);

  function issue(name: string, ...more: string[]): string {
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)];
    const parameters = ['req', '-x509', ...KEY, ...files, '-subj', `/CN=${name}`, ...more];
    execFileSync('openssl', parameters, { stdio: 'pipe' });
    return at(`${name}.pem`);
  }

  const authority = issue('authority');
  const stranger = issue('stranger');
  const signed = ['-CA', authority, '-CAkey', at('authority.key')];
  const issueServer = (host: string) => {
    const extensions = [`subjectAltName=DNS:${host}`, 'basicConstraints=critical,CA:FALSE'];
    return issue('server', ...signed, ...extensions.flatMap(text => ['-addext', text]));
  };
  const certificate = issueServer('localhost');
  return {
    authority,
    stranger,
    certificate,
    key: at('server.key'),
    authorityPem: readFileSync(authority, 'utf8'),
    strangerPem: readFileSync(stranger, 'utf8'),
    rename: issueServer,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
