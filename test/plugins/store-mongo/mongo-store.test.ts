import { testSessionStore } from '../../contract/session-store.ts';
import { describeWithService } from '../../support/services.ts';
import { mongoStoreSubject } from './mongo-store-subject.ts';

describeWithService('mongodb', 'contract', () => testSessionStore('the mongo store', mongoStoreSubject()));
