import { testSessionStore } from '../../contract/session-store.ts';
import { fileStoreSubject } from './file-store-subject.ts';

testSessionStore('the file store', fileStoreSubject());
