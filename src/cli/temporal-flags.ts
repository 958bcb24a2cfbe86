import type { Command } from 'commander';

/** The flags that name a Temporal server. */
export interface TemporalFlags {
  readonly address?: string;
  readonly namespace?: string;
  readonly profile?: string;
}

export function addTemporalFlags(command: Command): Command {
  return command
    .option('--address <host:port>', 'Temporal server (default: TEMPORAL_ADDRESS, or that of the profile)')
    .option('--namespace <name>', 'Temporal namespace (default: TEMPORAL_NAMESPACE, or that of the profile)')
    .option('--profile <name>', "profile of Temporal's TOML file (default: TEMPORAL_PROFILE)");
}
