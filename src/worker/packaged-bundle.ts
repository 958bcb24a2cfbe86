import { SimplePlugin } from '@temporalio/plugin';
import type { BundleOptions, BundlerPlugin, Logger, WorkerOptions } from '@temporalio/worker';
import { packagedWorkflows } from './bundle.js';

/** The last plugin: replaces the sources by the package's bundle, unless other code has to be bundled with them. */
export class PackagedBundle extends SimplePlugin {
  constructor() {
    super({ name: 'temporal-gemini-files-bundle' });
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    const { payloadConverterPath, failureConverterPath } = options.dataConverter ?? {};
    const more =
      options.interceptors?.workflowModules?.length ||
      options.bundlerOptions ||
      payloadConverterPath ||
      failureConverterPath ||
      // They run after this plugin.
      options.connection?.plugins.length ||
      changeBundle(options.plugins ?? [], options.workflowsPath);
    if (more) return options;
    const packaged = { ...options };
    delete packaged.workflowsPath;
    return { ...packaged, ...packagedWorkflows() };
  }
}

/** What a plugin logs, it logs again when the bundler runs it. */
const ignore = () => undefined;
const SILENT: Logger = {
  log: ignore,
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
};

/**
 * Whether the plugins would change a bundle. To have the method says nothing, since each `SimplePlugin` has it: so they are run as the
 * bundler runs them. If one fails here, the bundler decides.
 */
function changeBundle(plugins: readonly BundlerPlugin[], workflowsPath = ''): boolean {
  // What the bundler is given, as far as this package decides it.
  const given = (): BundleOptions => ({
    workflowsPath,
    workflowInterceptorModules: [],
    logger: SILENT,
  });
  let options = given();
  try {
    for (const plugin of plugins) if (plugin.configureBundler) options = plugin.configureBundler(options);
  } catch {
    return true;
  }
  // Compared with another one, since a plugin may change what it is given.
  const before: Options = { ...given() };
  const after: Options = { ...options };
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => name !== 'logger' && name !== 'plugins')
    .some((name) => !isSame(before[name], after[name]));
}

type Options = Readonly<Record<string, unknown>>;

/** An empty list adds as little as none, and a copy of a list as little as the list. */
function isSame(before: unknown, after: unknown): boolean {
  const [one, other] = [before ?? [], after ?? []];
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((item, at) => item === other[at]);
}
