/**
 * A transaction did its work, and its commit was not confirmed. It may be durable all the same, in one store or in all:
 * a message whose key is spent that way never comes again, so its text is in here.
 */
export class UncertainCommit extends Error {
  override readonly name = 'UncertainCommit';
  readonly result: unknown;

  constructor(result: unknown, cause: Error) {
    super(cause.message, { cause });
    this.result = result;
  }
}
