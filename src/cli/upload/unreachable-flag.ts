import { Option, type Command } from 'commander';
import { TIMEOUT_FIELDS } from '../../worker/config-fields.js';
import { durationOfKind } from '../duration-argument.js';

/** A person at a terminal would rather know than wait for hours; a long enough time for a Wi-Fi to come back. */
const UNREACHABLE_MS = 120_000;

export function addUnreachableFlag(command: Command): Command {
  return command.addOption(
    new Option(
      '--unreachable-timeout <duration>',
      'give up if no connection to the provider can be made for this long',
    )
      .default(UNREACHABLE_MS, '2m')
      .argParser(durationOfKind(TIMEOUT_FIELDS.unreachableTimeout.kind)),
  );
}
