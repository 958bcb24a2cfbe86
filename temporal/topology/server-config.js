/** The configuration of a Temporal server with all its services in one process, on PostgreSQL and on loopback. */
import { fileURLToPath } from 'node:url';
import { freeLowPort } from '../../scripts/chaos/free-port.js';
import { USER } from './postgres.js';

const dynamicConfig = fileURLToPath(new URL('../dynamicconfig/server.yaml', import.meta.url));

/**
 * @returns `{address, config}`; the ports are the same over restarts, because the cluster's membership table has them,
 *   in PostgreSQL as smallint: a server on a port above 32767 does not start
 */
export async function serverConfig(postgres) {
  const services = {};
  for (const name of ['frontend', 'matching', 'history', 'worker']) {
    const [grpcPort, membershipPort] = [await freeLowPort(), await freeLowPort()];
    services[name] = { rpc: { grpcPort, membershipPort, bindOnLocalHost: true } };
  }
  const address = `127.0.0.1:${services.frontend.rpc.grpcPort}`;
  const sql = (databaseName, connections) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `127.0.0.1:${postgres.port}`,
      connectProtocol: 'tcp',
      user: USER,
      password: postgres.password,
      maxConns: connections,
      maxIdleConns: connections,
    },
  });
  const config = {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 128, // as in docker-compose.yml
      datastores: { default: sql('temporal', 20), visibility: sql('temporal_visibility', 10) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services,
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: address },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } },
    dynamicConfigClient: { filepath: dynamicConfig, pollInterval: '60s' },
  };
  return { address, config };
}
