import { describeWithService } from './services.ts';

export interface SqlService {
  readonly name: string;
  readonly url: URL;
}

/** The same tests on every SQL server that there is; one that is missing is named. */
export function describeWithSql(title: string, define: (service: SqlService) => void): void {
  for (const name of ['mariadb', 'tidb'] as const)
    describeWithService(name, title, ({ url }) => define({ name, url: new URL(url) }));
}
