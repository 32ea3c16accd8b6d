import { testSessionStore } from '../../contract/session-store.ts';
import { describeWithSql } from '../../support/sql-services.ts';
import { tidbStoreSubject } from './tidb-store-subject.ts';

describeWithSql('contract', service => testSessionStore('the tidb store', tidbStoreSubject(service)));
