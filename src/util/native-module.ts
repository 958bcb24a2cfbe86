/** Why the native module of Temporal's SDK cannot be loaded, which only code that runs a worker needs. */

import { errorMessage } from './error-message.js';

export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Whether a Linux has glibc; others, such as Alpine, have musl. */
  readonly glibc: boolean;
}

const WITH_MODULE: Readonly<Record<string, readonly string[]>> = {
  linux: ['x64', 'arm64'],
  darwin: ['x64', 'arm64'],
  win32: ['x64'],
};

/** @param error - what `import('@temporalio/worker')` threw */
export function explainNativeModule(
  error: unknown,
  machine: Machine = thisMachine(),
): { problem: string; remedy: string } {
  const { platform, arch, glibc } = machine;
  // Node.js lists who required a missing module in further lines.
  const [reason = ''] = errorMessage(error).split('\n');
  // `import` and `require` have a word each.
  if (/^Cannot find (?:package|module) '@temporalio\/worker'/.test(reason))
    return { problem: '@temporalio/worker is not installed', remedy: 'npm install @temporalio/worker' };
  const musl = platform === 'linux' && !glibc;
  const where = `${platform}-${arch}${musl ? ' (musl)' : ''}`;
  return {
    problem: `Temporal's native module can't be loaded on ${where}: ${reason}`,
    remedy: remedyFor(machine),
  };
}

function remedyFor({ platform, arch, glibc }: Machine): string {
  if (platform === 'linux' && !glibc)
    return 'It needs glibc, which Alpine does not have: use an image such as node:22-slim';
  if (!WITH_MODULE[platform]?.includes(arch))
    return 'Temporal publishes it for Linux with glibc and macOS (x64, arm64), and for Windows (x64)';
  return (
    'Install the packages again on the machine, or in the image, that runs the worker (npm ci): a copy from another machine or a ' +
    'bundler may have left out @temporalio/core-bridge/releases'
  );
}

/** One sentence for an error. */
export function nativeModuleProblem(error: unknown): string {
  const { problem, remedy } = explainNativeModule(error);
  return `${problem}. ${remedy}`;
}

function thisMachine(): Machine {
  return { platform: process.platform, arch: process.arch, glibc: hasGlibc() };
}

function hasGlibc(): boolean {
  // A report of Node.js names the C library that it runs on, if that is glibc.
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}
