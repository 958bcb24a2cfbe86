/** What `--help` says of every command, below its options: an example, the exit codes and the environment. */

import type { Command } from 'commander';
import { ownCommand } from './own-command.js';

const NAME = ownCommand();

/** By command; the first is the simplest. A command that is not here has no example. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  upload: [
    'upload clip.mp4 --timeout 10m',
    'upload talks/*.mp4 --concurrency 8 --json',
    'upload clip.mp4 --json --address localhost:7233',
  ],
  hold: [
    'hold talks/monday.mp4 --for 5d --hold-id talk-of-monday',
    'hold talks/monday.mp4 --for 5d --reuse content',
  ],
  wait: ['wait files/abc123 --timeout 10m'],
  usage: ['usage --json'],
  list: ['list --state PROCESSING'],
  delete: ['delete files/abc123', 'delete files/abc123 files/def456 --yes --json'],
  release: ['release talk-of-monday --lease cli'],
  worker: ['worker --allow-root /srv/media --metrics 127.0.0.1:9464'],
  status: ['status', 'status gemini-files-clip.mp4-1b2c3d4e5f60718293a4'],
  ui: ['ui'],
  sweep: ['sweep --dry-run --older-than 10m'],
  replay: ['replay histories --workflows src/workflows.ts'],
  doctor: ['doctor', 'doctor --offline --json'],
  emulator: ['emulator --port 8080 --processing 5s'],
};

const EXIT_CODES = `Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 not ACTIVE in time, 130 cancelled or
interrupted, 141 the reader of the output is gone.`;

const ENVIRONMENT = `Environment:
  GEMINI_API_KEY, GOOGLE_API_KEY    the API key; the first that is set counts
  GOOGLE_GEMINI_BASE_URL            another endpoint of the API, such as the emulator's
  GEMINI_TIER                       rate limits of the account: free, tier1, tier2, tier3
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE, TEMPORAL_API_KEY, TEMPORAL_CONFIG_FILE
                                    the Temporal server; --address, --namespace and --profile come first
  TEMPORAL_UI_URL                   the server's Web UI, for links
  TEMPORAL_CLI                      the Temporal CLI that runs the embedded server
  XDG_STATE_HOME                    folder of the embedded server's state`;

const SERVER = `Temporal server: flag, then environment and profile. If none is named, upload, wait, status, delete and doctor use
the embedded server, and worker and sweep localhost:7233. hold and release need one.`;

export function addHelp(program: Command): void {
  program.addHelpText('after', `\n${SERVER}\n\n${EXIT_CODES}\n\n${ENVIRONMENT}`);
  for (const command of program.commands) {
    const examples = EXAMPLES[command.name()] ?? [];
    if (examples.length > 0)
      command.addHelpText(
        'after',
        `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${examples.map((each) => `  ${NAME} ${each}`).join('\n')}`,
      );
    command.addHelpText('after', `\n${EXIT_CODES}\nEnvironment variables: ${NAME} --help`);
  }
}
