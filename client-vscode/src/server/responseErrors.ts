import { ConnectionError, ErrorCodes, LSPErrorCodes, ResponseError } from 'vscode-languageserver-protocol';

import type { ErrorData } from '../protocol';
import { Failure, asFailure } from './failure';

/** The failure behind whatever a request was rejected with. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) {
    return error;
  }
  if (error instanceof ResponseError) {
    return fromResponse(error as ResponseError<unknown>);
  }
  return error instanceof ConnectionError ? serverEnded() : asFailure(error);
}

function fromResponse(error: ResponseError<unknown>): Failure {
  if (isErrorData(error.data)) {
    return new Failure(error.data.kind, error.message, error.data.hint);
  }
  switch (error.code) {
    case LSPErrorCodes.RequestCancelled:
      return new Failure('cancelled', 'The request was cancelled.', '');
    case LSPErrorCodes.ServerCancelled:
      return new Failure('superseded', 'A newer request took its place.', '');
    case ErrorCodes.PendingResponseRejected:
    case ErrorCodes.ConnectionInactive:
    case ErrorCodes.MessageWriteError:
      return serverEnded();
    default:
      return asFailure(error);
  }
}

function serverEnded(): Failure {
  return new Failure('serverEnded', 'The language server ended before it answered.', 'Try again: it starts by itself.');
}

function isErrorData(data: unknown): data is ErrorData {
  return typeof data === 'object' && data !== null && 'kind' in data && 'hint' in data;
}
