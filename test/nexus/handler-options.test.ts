/** Options that a caller from JavaScript may give to the handler. */

import { expect, it } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import { geminiFilesNexusHandler } from '../../src/nexus/handler.js';

it.each([42, '', null, {}])('%j is not a task queue', (taskQueue) => {
  const make = () => geminiFilesNexusHandler({ taskQueue } as never);
  expect(make).toThrow(InvalidOptionsError);
  expect(make).toThrow(/^Invalid option taskQueue: expected /);
});

it('refuses options that are not an object', () => {
  const make = () => geminiFilesNexusHandler(null as never);
  expect(make).toThrow(new InvalidOptionsError('Invalid options: expected an object'));
});
