import type { Lease } from '../../core/store.ts';
import { flagIn, numberIn, textIn } from './document-fields.ts';
import { escapePart, numberedId, numberOfId, sessionOfId, unescapePart } from './document-ids.ts';
import type { RawDocument } from './documents.ts';

/**
 * What became of the lease of a session: it was given, renewed or released. The record with the highest number counts.
 */
export interface LeaseRecord extends Lease {
  readonly number: number;
  /** By the clock of the server, like all times here. */
  readonly endsAt: number;
  readonly isReleased: boolean;
  /** Never lower than that of the record before: whoever looks for leases that run finds the one that counts. */
  readonly listedUntil: number;
  /** The store object that wrote it. */
  readonly writer: string;
  /** True where another store object wrote the record before. It is kept, so that the other one's late writes collide. */
  readonly isPost: boolean;
  readonly at: number;
}

export const recordId = ({ sessionId, number }: LeaseRecord): string => numberedId(sessionId, number);

export const recordDocument = (record: LeaseRecord): RawDocument => ({
  _id: recordId(record),
  holder: escapePart(record.holder),
  epoch: record.epoch,
  endsAt: record.endsAt,
  isReleased: record.isReleased,
  listedUntil: record.listedUntil,
  writer: record.writer,
  isPost: record.isPost,
  at: record.at,
});

export const readRecord = (raw: RawDocument): LeaseRecord => ({
  sessionId: sessionOfId(raw._id),
  number: numberOfId(raw._id),
  holder: unescapePart(textIn(raw, 'holder')),
  epoch: numberIn(raw, 'epoch'),
  endsAt: numberIn(raw, 'endsAt'),
  isReleased: flagIn(raw, 'isReleased'),
  listedUntil: numberIn(raw, 'listedUntil'),
  writer: textIn(raw, 'writer'),
  isPost: flagIn(raw, 'isPost'),
  at: numberIn(raw, 'at'),
});

export const leaseOf = ({ sessionId, holder, epoch }: Lease): Lease => ({ sessionId, holder, epoch });

export const isOf = (record: LeaseRecord | undefined, { holder, epoch }: Lease): record is LeaseRecord =>
  record?.holder === holder && record.epoch === epoch;

export const runsAt = (record: LeaseRecord | undefined, now: number): record is LeaseRecord =>
  record !== undefined && !record.isReleased && record.endsAt > now;
