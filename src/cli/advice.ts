/** The last line of a failure: what to do next. */

import type { FailureType } from '../contract/errors.js';
import { parseInvalidOption } from '../contract/invalid-option.js';
import type { ErrorReport } from './error-report.js';
import { KEEP_FLAGS } from './keep-flags.js';
import { docPage } from './doc-page.js';
import { commandLine, ownCommand } from './own-command.js';

const NAME = ownCommand();
const DOCTOR = `${commandLine('doctor')} checks what uploads need.`;

/** `help` is the command line that prints the help of `command`, which failed; `message` is that of the failure. */
type Advice = string | ((help: string, message: string, command?: string) => string);

/** The page with the bounds of the options of each command that has options with bounds. */
const BOUNDS: Readonly<Record<string, string>> = { upload: 'options', wait: 'wait-active', hold: 'holds' };

/** Each type of failure has an advice: the compiler asks for that of a new one. */
const ADVICE: Readonly<Record<Exclude<FailureType, 'UploadInactiveError'>, Advice>> = {
  InvalidOptionsError: adviceOnOptions,
  UnsupportedProviderError: 'Leave the provider out: google is the only one.',
  FileNotFoundError:
    'Check the path or the address. Workers on other hosts read a path from their own disks.',
  NotAFileError: 'Name files: a folder is uploaded with FOLDER/*.',
  EmptyFileError: 'Upload it again when something has been written to it.',
  FileTooLargeError: 'The provider takes no file of this size: split or compress it.',
  PathNotAllowedError: 'Let the worker read it: its permissions, and worker --allow-root FOLDER.',
  FileChangedError: 'Repeat the command when nothing writes to the file any more.',
  SourceNotAllowedError: `Permit the source in the configuration file of the worker (${docPage('sources')}). For a public https origin, worker --allow-origin is enough.`,
  SourceError: 'Check that the source delivers the file, and repeat the command.',
  // The message for a missing key names doctor itself; the one for a missing profile does not.
  MissingCredentialsError: (_, message) =>
    message.includes(' doctor ')
      ? 'Get a key at https://aistudio.google.com/apikey, set it, and repeat the command.'
      : `${commandLine('doctor')} shows which key and which profiles are found.`,
  InvalidCredentialsError: `Correct the key. ${commandLine('doctor')} shows where it comes from, and tries it.`,
  MissingDependencyError: `Install what is missing. ${DOCTOR}`,
  QuotaExceededError: `Make room (${commandLine('list')}, then delete), or wait for it with --on-quota-full wait.`,
  UploadFailedError: (_, message) =>
    message.includes(' cannot be found')
      ? `${commandLine('list')} shows the files of the key.`
      : `Correct the file if the provider cannot process it; otherwise repeat the command. ${DOCTOR}`,
  ProviderError: `Repeat the command. If it fails again: ${DOCTOR}`,
};

/** `sweep` does not look at the embedded server, so `list` and `delete` come first. */
const LEFT = `Its file may be left at the provider: ${commandLine('list')} shows it, and delete deletes it. ${commandLine('sweep')} deletes those of all such runs of a server.`;

/** Advice for errors that are not failures of the contract. */
const MORE: Readonly<Record<string, Advice>> = {
  UsageError: (help) => `${help} shows the usage.`,
  RunNotFoundError: `${commandLine('status')} lists the runs.`,
  UseUnknownError: 'Check --address and TEMPORAL_ADDRESS.',
  TerminatedFailure: LEFT,
  TimeoutFailure: LEFT,
  CancelledFailure: 'Repeat the command to start again.',
};

/** Commands that need nothing of what doctor checks. */
const WITHOUT_PROVIDER: ReadonlySet<string | undefined> = new Set(['replay', 'emulator']);

/** @param command - that failed; undefined if the command line names none */
export function adviceLine(report: ErrorReport, command?: string): string {
  const { type } = report;
  if (type === 'UploadInactiveError') return adviceOnTime(report, command);
  const known: Readonly<Record<string, Advice>> = { ...ADVICE, ...MORE };
  const help = [NAME, command ?? [], '--help'].flat().join(' ');
  const general = WITHOUT_PROVIDER.has(command) ? `${help} shows the usage.` : DOCTOR;
  const advice = (Object.hasOwn(known, type) && known[type]) || general;
  return typeof advice === 'string' ? advice : advice(help, report.message, command);
}

function adviceOnOptions(help: string, message: string, command = ''): string {
  if (message.startsWith('Invalid configuration in '))
    return `${docPage('configuration')} has the fields of the configuration file.`;
  const { option } = parseInvalidOption(message) ?? {};
  if (/^sources?(\.|$)/.test(option ?? ''))
    return `${docPage('sources')} has the forms of a source, and how a worker permits one.`;
  const page = BOUNDS[command];
  return `${help} lists the flags${page === undefined ? '' : `; ${docPage(page)} has their bounds`}.`;
}

function adviceOnTime({ id = 'ID', cleanup }: ErrorReport, command = ''): string {
  if (cleanup === 'kept')
    return `To wait on, without a second upload: ${commandLine('wait', [id, '--timeout', '10m'])}`;
  const more = 'Long videos take minutes: give more time, such as --timeout 10m.';
  if (command !== 'upload' && command !== 'wait') return more;
  return `${more} ${KEEP_FLAGS[command]} the file is kept, and \`${NAME} wait\` waits on without a second upload.`;
}
