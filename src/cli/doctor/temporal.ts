/** Checks the configured Temporal server. */

import type { Connection } from '@temporalio/client';
import { freshPollers } from '../pollers.js';
import { connectClient } from '../temporal-connection.js';
import type { TemporalFlags } from '../temporal-flags.js';
import { configuredTemporal, type TemporalTarget } from '../temporal-target.js';
import { TASK_QUEUE } from '../../contract/names.js';
import { errorMessage } from '../../util/error-message.js';
import { GRPC_CODE } from '../../util/grpc-code.js';
import { count } from '../terminal/format.js';
import { failed, passed, skipped, type Check } from './check.js';
import { commandLine } from '../own-command.js';
import { grpcAdvice, grpcCode } from './grpc-advice.js';

/** Timeout of each call: Temporal answers within milliseconds. */
const TIMEOUT_MS = 3000;

/** The configured target; if it cannot be used, only the checks that say why. */
export function checkTemporalConfig(flags: TemporalFlags): {
  checks?: Check[];
  target?: TemporalTarget;
} {
  try {
    const target = configuredTemporal(flags);
    return target ? { target } : {};
  } catch (error) {
    const check = failed(
      'temporal',
      errorMessage(error),
      'Correct the flags, TEMPORAL_ADDRESS, TEMPORAL_PROFILE or the TOML file.',
    );
    return { checks: [check, ...skipServerChecks()] };
  }
}

export async function checkTemporal(target: TemporalTarget, taskQueue: string): Promise<Check[]> {
  let connection: Connection;
  try {
    // Without the client's retries: they would replace the server's error by an exceeded deadline.
    connection = await connectClient(target, { interceptors: [] });
  } catch (error) {
    const fix = grpcAdvice(error, 'Start the server, or correct its address, TLS and key.');
    return [failed('temporal', errorMessage(error), fix), ...skipServerChecks()];
  }
  try {
    const [reached, namespace] = await Promise.all([
      checkServer(connection, target),
      checkNamespace(connection, target),
    ]);
    const rest = namespace.ok
      ? await Promise.all([checkPollers(connection, target, taskQueue), checkAttributes(connection, target)])
      : skipNamespaceChecks('the namespace could not be read');
    return [reached, namespace, ...rest];
  } finally {
    await connection.close();
  }
}

const skipNamespaceChecks = (reason: string) => [
  skipped('task queue', reason),
  skipped('search attributes', reason),
];

const skipServerChecks = () => [skipped('namespace', 'no server'), ...skipNamespaceChecks('no server')];

const withTimeout = <T>(connection: Connection, call: () => Promise<T>) =>
  connection.withDeadline(Date.now() + TIMEOUT_MS, call);

async function checkServer(connection: Connection, { address }: TemporalTarget): Promise<Check> {
  try {
    const { serverVersion } = await withTimeout(connection, () =>
      connection.workflowService.getSystemInfo({}),
    );
    return passed('temporal', `${address}, server ${serverVersion || 'of unknown version'}`);
  } catch (error) {
    // Old servers do not implement this call, and work without it.
    if (grpcCode(error) === GRPC_CODE.UNIMPLEMENTED)
      return passed('temporal', `${address}, server of unknown version`);
    return failed(
      'temporal',
      `${address}: ${errorMessage(error)}`,
      grpcAdvice(error, "See the server's log."),
    );
  }
}

async function checkNamespace(connection: Connection, { namespace }: TemporalTarget): Promise<Check> {
  try {
    const { config } = await withTimeout(connection, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    const detail = `${namespace}, retention ${seconds / 3600} h`;
    // The sweep reads the histories of runs that closed in the last 48 hours.
    return seconds >= 48 * 3600
      ? passed('namespace', detail)
      : passed('namespace', detail, 'sweep looks 48 hours back: set a retention of 2 days or more.');
  } catch (error) {
    const fix = 'Create the namespace, or name another in TEMPORAL_NAMESPACE.';
    return failed('namespace', `${namespace}: ${errorMessage(error)}`, grpcAdvice(error, fix));
  }
}

async function checkPollers(
  connection: Connection,
  { namespace }: TemporalTarget,
  taskQueue: string,
): Promise<Check> {
  try {
    const pollers = await withTimeout(connection, () =>
      freshPollers(connection.workflowService, namespace, taskQueue),
    );
    const own = taskQueue === TASK_QUEUE ? [] : ['--task-queue', taskQueue];
    const detail = `${taskQueue} has ${count(pollers.length, 'poller')}`;
    return pollers.length > 0
      ? passed('task queue', detail)
      : passed(
          'task queue',
          detail,
          `upload runs its own worker; for other clients, run ${commandLine('worker', own)}.`,
        );
  } catch (error) {
    const fix = grpcAdvice(error, 'Correct the name of the task queue.');
    return failed('task queue', `${taskQueue}: ${errorMessage(error)}`, fix);
  }
}

/** The sweep filters by these. The package defines no search attributes. */
const NEEDED = ['WorkflowType', 'ExecutionStatus', 'CloseTime'];

async function checkAttributes(connection: Connection, { namespace }: TemporalTarget): Promise<Check> {
  try {
    const { systemAttributes } = await withTimeout(connection, () =>
      connection.operatorService.listSearchAttributes({ namespace }),
    );
    const missing = NEEDED.filter((name) => !Object.hasOwn(systemAttributes ?? {}, name));
    if (missing.length === 0) return passed('search attributes', `${NEEDED.join(', ')} exist`);
    return failed(
      'search attributes',
      `${missing.join(', ')} missing`,
      'sweep needs them: set up advanced visibility.',
    );
  } catch (error) {
    // Temporal Cloud has all of them, and does not expose the operator service.
    return skipped('search attributes', `could not be listed: ${errorMessage(error)}`);
  }
}
