/** The configured Temporal; the embedded one where none is. */

import { Client, type Connection } from '@temporalio/client';
import { countPollers } from '../upload/count-pollers.js';
import { configuredTemporal, connectClient, type TemporalTarget } from '../temporal-connection.js';
import { failed, messageOf, passed, skipped, type Check } from './check.js';
import { GRPC, grpcAdvice, grpcCode } from './grpc-advice.js';

/** Bound of each call: an answer of Temporal takes milliseconds. */
const PATIENCE_MS = 3000;

/** The target as configured; where that can't be used, only the checks that say why. */
export function checkTemporalConfig(): { checks?: Check[]; target?: TemporalTarget } {
  try {
    const target = configuredTemporal();
    return target ? { target } : {};
  } catch (error) {
    const check = failed('temporal', messageOf(error), 'Correct TEMPORAL_PROFILE or the TOML file.');
    return { checks: [check, ...withoutServer()] };
  }
}

export async function checkTemporal(target: TemporalTarget, taskQueue: string): Promise<Check[]> {
  let connection: Connection;
  try {
    // Without the client's own retries, which would hide what the server says behind the deadline.
    connection = await connectClient(target, { interceptors: [] });
  } catch (error) {
    const fix = grpcAdvice(error, 'Start the server, or correct its address, TLS and key.');
    return [failed('temporal', messageOf(error), fix), ...withoutServer()];
  }
  try {
    const [reached, namespace] = await Promise.all([
      checkServer(connection, target),
      checkNamespace(connection, target),
    ]);
    const rest = namespace.ok
      ? await Promise.all([checkPollers(connection, target, taskQueue), checkAttributes(connection, target)])
      : ofNamespace('the namespace could not be looked at');
    return [reached, namespace, ...rest];
  } finally {
    await connection.close();
  }
}

const ofNamespace = (reason: string) => [skipped('task queue', reason), skipped('search attributes', reason)];

const withoutServer = () => [skipped('namespace', 'no server to ask'), ...ofNamespace('no server to ask')];

const inTime = <T>(connection: Connection, ask: () => Promise<T>) =>
  connection.withDeadline(Date.now() + PATIENCE_MS, ask);

async function checkServer(connection: Connection, { address }: TemporalTarget): Promise<Check> {
  try {
    const { serverVersion } = await inTime(connection, () => connection.workflowService.getSystemInfo({}));
    return passed('temporal', `${address}, server ${serverVersion || 'of unknown version'}`);
  } catch (error) {
    // Old servers do not have the call; the connection stands without it.
    if (grpcCode(error) === GRPC.unimplemented)
      return passed('temporal', `${address}, server of unknown version`);
    return failed('temporal', `${address}: ${messageOf(error)}`, grpcAdvice(error, "See the server's log."));
  }
}

async function checkNamespace(connection: Connection, { namespace }: TemporalTarget): Promise<Check> {
  try {
    const { config } = await inTime(connection, () =>
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
    return failed('namespace', `${namespace}: ${messageOf(error)}`, grpcAdvice(error, fix));
  }
}

async function checkPollers(
  connection: Connection,
  { namespace }: TemporalTarget,
  taskQueue: string,
): Promise<Check> {
  try {
    const client = new Client({ connection, namespace });
    const pollers = await inTime(connection, () => countPollers(client, namespace, taskQueue));
    const detail = `${taskQueue} has ${pollers} ${pollers === 1 ? 'poller' : 'pollers'}`;
    return pollers > 0
      ? passed('task queue', detail)
      : passed(
          'task queue',
          detail,
          'upload brings its own worker; for others run temporal-gemini-files worker.',
        );
  } catch (error) {
    const fix = grpcAdvice(error, 'Correct the name of the task queue.');
    return failed('task queue', `${taskQueue}: ${messageOf(error)}`, fix);
  }
}

/** The sweep's filter uses these; the package has none of its own. */
const NEEDED = ['WorkflowType', 'ExecutionStatus', 'CloseTime'];

async function checkAttributes(connection: Connection, { namespace }: TemporalTarget): Promise<Check> {
  try {
    const { systemAttributes } = await inTime(connection, () =>
      connection.operatorService.listSearchAttributes({ namespace }),
    );
    const missing = NEEDED.filter((name) => !Object.hasOwn(systemAttributes ?? {}, name));
    if (missing.length === 0) return passed('search attributes', `${NEEDED.join(', ')} are there`);
    return failed(
      'search attributes',
      `${missing.join(', ')} missing`,
      'sweep needs them: set up advanced visibility.',
    );
  } catch (error) {
    // Temporal Cloud keeps the operator service to itself; it has them all.
    return skipped('search attributes', `could not be listed: ${messageOf(error)}`);
  }
}
