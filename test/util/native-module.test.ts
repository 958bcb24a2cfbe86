import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { explainNativeModule, nativeModuleProblem } from '../../src/util/native-module.js';

const error = new Error('No prebuilt module found');
const on = (platform: string, arch: string, glibc = true) =>
  explainNativeModule(error, { platform, arch, glibc });

it('names the machine and the reason', () => {
  expect(on('linux', 'x64').problem).toBe(
    "Temporal's native module can't be loaded on linux-x64: No prebuilt module found",
  );
  expect(on('linux', 'x64', false).problem).toContain('on linux-x64 (musl): No prebuilt module found');
  expect(on('darwin', 'arm64', false).problem).not.toContain('musl');
});

it.each([
  ['linux', 'x64', false, /glibc.*Alpine.*node:22-slim/],
  ['linux', 'arm64', true, /npm ci.*core-bridge\/releases/],
  ['linux', 'ppc64', true, /publishes it for Linux with glibc and macOS \(x64, arm64\), and for Windows/],
  ['win32', 'arm64', false, /publishes it for/],
  ['freebsd', 'x64', false, /publishes it for/],
  ['darwin', 'arm64', false, /npm ci/],
])('has a remedy for %s %s, glibc %s', (platform, arch, glibc, remedy) => {
  expect(on(platform, arch, glibc).remedy).toMatch(remedy);
});

it('tells nothing of who required a missing module', () => {
  const required = new Error(
    "Cannot find module '@temporalio/core-bridge'\nRequire stack:\n- /app/connection.js",
  );
  const { problem } = explainNativeModule(required, { platform: 'linux', arch: 'x64', glibc: true });
  expect(problem).toBe(
    "Temporal's native module can't be loaded on linux-x64: Cannot find module '@temporalio/core-bridge'",
  );
});

it('tells a package that is not installed from a module that does not load', () => {
  const missing = new Error("Cannot find package '@temporalio/worker' imported from /app/load-sdk.js");
  expect(nativeModuleProblem(missing)).toBe(
    '@temporalio/worker is not installed. npm install @temporalio/worker',
  );
});

it('knows the words of createRequire for a package that is not installed', () => {
  const resolveAt = (folder: string) => createRequire(`${folder}/load-sdk.js`).resolve('@temporalio/worker');
  let missing: unknown;
  try {
    resolveAt('/no-such-folder');
  } catch (error) {
    missing = error;
  }
  expect(missing).toMatchObject({ code: 'MODULE_NOT_FOUND' });
  expect(nativeModuleProblem(missing)).toBe(
    '@temporalio/worker is not installed. npm install @temporalio/worker',
  );
});

it('is one sentence and its remedy in an error of this machine', () => {
  expect(nativeModuleProblem(error)).toMatch(
    /^Temporal's native module .*: No prebuilt module found\. Install /,
  );
});
