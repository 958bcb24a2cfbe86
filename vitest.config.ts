import { defineConfig } from 'vitest/config';

/** Tests that need no server, no build and no pip. A test file that is in no list of this file is a system test. */
const UNIT = [
  'test/provider-facts.test.ts',
  'test/docs/{figures,names,tables}.test.ts',
  'test/activities/**/*.test.ts',
  'test/bench/limits.test.ts',
  'test/chaos/{books,hold-books,whole-plan}.test.ts',
  'test/cli/doctor-{provider,temporal}.test.ts',
  'test/cli/{bounded-calls,cancel-run,choose-run,cleanup-of-cancelled,compile-cache,deadline-warning,doc-page,file-name-argument,file-uses,help,interrupt,invalid-command-line,log-lines,missing-package,no-contact,no-key,other-servers,path-hint,pollers,progress-view,rate,report-of-codec,run-id,run-link,run-workers,silence-view,state-folder,tables,temporal-packages,temporal-target,unattended-advice,upload-flags,watch-pending}.test.ts',
  'test/client/{acquire-hold,long-follow,options,progress}.test.ts',
  'test/contract/**/*.test.ts',
  'test/nexus/{handler-options,run-summary,time-left}.test.ts',
  'test/gemini/**/*.test.ts',
  'test/resilience/upload-{413,adoption,answers,breaks,file-changes,sessions,slow-requests,trace}.test.ts',
  'test/security/{activity-input,config-trust,echoes,key-rotation,network,store-trust}.test.ts',
  'test/util/{answer-by,decode-text,folder-advice,make-folder,name-system-error,native-module,others-who-write,process-id,shell-word,with-timeout}.test.ts',
  'test/pictures/pictures.test.ts',
  'test/packaging/{release-check,stale-build}.test.ts',
  'test/sources/**/!(handle-path).test.ts',
  'test/testing/emulator-*.test.ts',
  'test/testing/replay{,-exported}.test.ts',
  'test/worker/{config-file,config-schema,mistakes,settings,throttle,tiers,worker-defaults}.test.ts',
  'test/workflow/{backoff,two-results,wait-outcome}.test.ts',
  'test/workflow/hold/{lease-book,schedule,starting-caller}.test.ts',
];

/** The unit tests run a tenth of their cases, and `npm run test:release` all. */
const FUZZ = 'test/fuzz/**/*.test.ts';

/** Unit tests that replace a module for the code under test: each needs modules that no other test has loaded. */
const UNIT_WITH_MOCKS = [
  'test/cli/temporal-cli-without-sdk.test.ts',
  'test/resilience/network-disk.test.ts',
  'test/security/open-race.test.ts',
  'test/sources/handle-path.test.ts',
];

const toFile = (name: string) => `test/${name}.test.ts`;

/** System tests that CI leaves to `npm run test:release`: of each area, those that take longest. */
export const RELEASE = [
  'cli/bad-input',
  'cli/broken-pipe',
  'cli/cancelled-run',
  'cli/connection',
  'cli/dev-server',
  'cli/doctor',
  'cli/emulator-command',
  'cli/files',
  'cli/hold',
  'cli/no-home',
  'cli/replay',
  'cli/server-down',
  'cli/sources',
  'cli/ui',
  'cli/unattended',
  'cli/upload-batch',
  'cli/upload-configured',
  'cli/usage',
  'cli/wait',
  'cli/worker-health',
  'cli/worker-metrics',
  'cli/worker-queues',
  'client/hold-outage',
  'docs/first-hour',
  'e2e/any-language',
  'e2e/late-signatures',
  'e2e/s3-versitygw',
  'e2e/time-skipping',
  'e2e/upgrade-patched',
  'e2e/upgrade-sweep',
  'examples/examples',
  'fuzz/fuzz',
  'fuzz/source',
  'nexus/give-up',
  'observability/metrics',
  'observability/traces',
  'packaging/load',
  'resilience/activity-reset',
  'resilience/block-fault',
  'resilience/examine-batch',
  'resilience/history-room',
  'resilience/last-check',
  'resilience/own-entry',
  'resilience/random-faults',
  'resilience/sweep-files-in-use',
  'resilience/sweep-foreign',
  'resilience/sweep-hostile-ids',
  'resilience/sweep-many-files',
  'resilience/uncertain-finalize',
  'resilience/wait-denials',
  'security/secrets-commands',
  'security/secrets-echoed',
  'security/secrets-sources',
  'testing/replay-namespace',
  'testing/replay-unusual',
  'workflow/end-within',
  'workflow/foreign-results',
  'workflow/hold/callers',
  'workflow/hold/handed-over-upload',
  'workflow/hold/long-hold',
  'workflow/hold/many-acquires',
  'workflow/hostile-input',
  'workflow/identify-file',
  'workflow/long-waits',
  'workflow/quota-wait',
  'workflow/run-state',
  'workflow/untasked-events',
].map(toFile);

/** As `TIMED`, of those. */
export const RELEASE_TIMED = [
  'bench/bench',
  'chaos/chaos',
  'resilience/activity-pause',
  'resilience/sleeping-worker',
  'resilience/upload-slow',
  'workflow/hold/bounds',
].map(toFile);

/** System tests that set what a process has once: the runtime of the SDK, the working directory, modules that are replaced. */
const OWN_PROCESS = [
  'test/cli/{temporal-cli,worker-storage}.test.ts',
  'test/docs/{run,shell}.test.ts',
  'test/observability/{exporter,logs}.test.ts',
  'test/security/secrets.test.ts',
];

/**
 * System tests that bound a time of a few seconds, or measure a rate. They run after the other system tests, and no more at a time than
 * there are cores: under more load, they would measure the load.
 */
const TIMED = [
  'test/chaos/relay.test.ts',
  'test/cli/upload-embedded.test.ts',
  // On the time-skipping server, time goes on between two steps of a test as it does here.
  'test/workflow/hold/hold.test.ts',
  'test/resilience/{compensation-cancel,cut-off-worker,hand-over,upload-workflow,wait-takeover,wrong-clock}.test.ts',
  'test/worker/{limits,send-limiter,upload-throttle}.test.ts',
];

export default defineConfig({
  test: {
    // Temporal's native module does not load in worker threads.
    pool: 'forks',
    // Bounds what hangs. A test that bounds a time does so itself.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A poll that fails ends before its test does, and says what it saw.
    expect: { poll: { timeout: 60_000 } },
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        // Loading modules anew for each file would take a third of the time. More workers than cores, since many tests wait.
        test: {
          name: 'unit',
          include: [...UNIT, FUZZ],
          env: { FUZZ_SCALE: process.env.FUZZ_SCALE ?? '0.1' },
          isolate: false,
          maxWorkers: 4,
          unstubEnvs: true,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'unit-with-mocks',
          include: UNIT_WITH_MOCKS,
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: [...UNIT, ...UNIT_WITH_MOCKS, ...OWN_PROCESS, ...TIMED, ...RELEASE, ...RELEASE_TIMED],
          // Temporal's packages and this one's are loaded once a process, and not once a file.
          isolate: false,
          // Twice the cores of CI: most of these tests wait most of their time.
          maxWorkers: 4,
          unstubEnvs: true,
          sequence: { groupOrder: 1 },
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'system-own-process',
          include: OWN_PROCESS,
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'system-timed',
          include: TIMED,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'release',
          include: RELEASE,
          maxWorkers: 4,
          sequence: { groupOrder: 3 },
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'release-timed',
          include: RELEASE_TIMED,
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
    ],
  },
});
