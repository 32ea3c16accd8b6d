import { describe, expect, it } from 'vitest';
import { findProgram, findUrl, type Machine, reasonForNone } from '../../scripts/services/find-server.mjs';
import { requiredServices, SERVICE_NAMES } from '../../scripts/services/services.mjs';

const BUILT = '/cache/bin/ferretdb-1.24.0-tls';

describe('a server for the tests', () => {
  it('is the one that the environment names', () => {
    const machine = machineWith(['/bin/mongod', BUILT], { TEST_MONGODB_URI: 'mongodb://db.example/x' });
    expect(findUrl('mongodb', machine)).toEqual({
      url: 'mongodb://db.example/x',
      foundBy: 'TEST_MONGODB_URI',
    });
  });

  it('is not one whose variable is empty', () => {
    expect(findUrl('mongodb', machineWith([], { TEST_MONGODB_URI: '' }))).toBeUndefined();
  });

  it('is a program on the PATH rather than one that was built here', () => {
    const found = findProgram('mongodb', machineWith(['/opt/mongod', BUILT]));
    expect(found).toMatchObject({ program: '/opt/mongod', foundBy: 'PATH', server: { name: 'MongoDB' } });
  });

  it('is the one that was built here where the PATH has none', () => {
    const found = findProgram('mongodb', machineWith([BUILT]));
    expect(found).toMatchObject({ program: BUILT, foundBy: 'cache', server: { name: 'FerretDB' } });
  });

  it('is found among the system programs, which a PATH may leave out', () => {
    const found = findProgram('mariadb', machineWith(['/usr/sbin/mariadbd']));
    expect(found).toMatchObject({ program: '/usr/sbin/mariadbd', server: { name: 'MariaDB' } });
  });

  it.each([
    ['mysqld  Ver 10.11.19-MariaDB-0+deb12u1', 'MariaDB'],
    ['mysqld  Ver 8.4.6 for Linux on x86_64', 'MySQL'],
  ])('is told apart by what it calls itself: %s', (version, name) => {
    const found = findProgram('mariadb', { ...machineWith(['/bin/mysqld']), askVersion: () => version });
    expect(found).toMatchObject({ program: '/bin/mysqld', server: { name } });
  });

  it('is nothing where nothing is there, and the reason says what would help', () => {
    expect(findProgram('tidb', machineWith([]))).toBeUndefined();
    expect(reasonForNone('tidb')).toBe(
      'no TEST_TIDB_URL, no tidb-server on the PATH; `docker compose up -d tidb` starts one',
    );
  });
});

describe('a missing server', () => {
  it('is a failure in CI', () => {
    expect(requiredServices({ CI: 'true' })).toEqual(SERVICE_NAMES);
  });

  it('is a failure where it is named', () => {
    expect(requiredServices({ CI: 'true', REQUIRED_SERVICES: 'mongodb,mariadb' })).toEqual([
      'mongodb',
      'mariadb',
    ]);
  });

  it("is none on a person's machine", () => {
    expect(requiredServices({})).toEqual([]);
  });
});

function machineWith(programs: readonly string[], environment: NodeJS.ProcessEnv = {}): Machine {
  return {
    environment: { PATH: '/bin:/opt', ...environment },
    builtPrograms: '/cache/bin',
    isProgram: path => programs.includes(path),
    askVersion: () => 'MariaDB',
  };
}
