import {
  InvalidCredentialsError,
  ProviderError,
  QuotaExceededError,
  type ErrorFields,
  type GeminiFilesError,
} from '../contract/errors.js';
import type { GeminiApiError } from './api-error.js';

/** The one converter from an error of the provider to one of the contract. @param id - the file that it is about, if there is one */
export function toGeminiFilesError(error: GeminiApiError, id?: string): GeminiFilesError {
  const fields: ErrorFields = {
    ...(id !== undefined && { id }),
    ...(error.status !== undefined && { status: error.status }),
    kind: error.kind,
    operation: error.operation,
  };
  switch (error.kind) {
    case 'credentials':
      return new InvalidCredentialsError(
        `The provider does not accept the API key. ${error.message}`,
        fields,
      );
    case 'quota':
      return new QuotaExceededError(
        `The project's file storage (quota file_storage_bytes) is full: delete files, or wait for some to expire ` +
          `(48 hours after their upload). ${error.message}`,
        fields,
      );
    default:
      return new ProviderError(error.message, fields);
  }
}
