/** Dashboard, alert rules and documentation name metrics and labels that a live worker has. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { ERROR_CLASSES, type Cleanup } from '../../src/contract/errors.js';
import type { FileState } from '../../src/contract/file.js';
import type { ErrorKind, Operation } from '../../src/contract/error-kind.js';
import { observedWorker } from '../support/observed-worker.js';
import { askedOf, matchersOf } from '../support/promql.js';
import type { Scrape } from '../support/scrape.js';
import { devServer } from '../support/temporal.js';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly datasource: { readonly uid: string };
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition: string }[] };
}

const folder = 'temporal/grafana/dashboards';
const dashboards = readdirSync(path.join(root, folder)).map(
  (file) => JSON.parse(read(`${folder}/${file}`)) as Dashboard,
);
const panels = dashboards.flatMap((dashboard) => dashboard.panels);
const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const));

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string }[];
  }[];
}
const rules = (parse(read('temporal/prometheus/alerts.yml')) as Rules).groups.flatMap((group) => group.rules);

let env: TestWorkflowEnvironment;
let live: Scrape;
const series = new Map<string, Set<string>>();
beforeAll(async () => {
  env = await devServer();
  await using worker = await observedWorker(env, 'observed');
  const [id = ''] = worker.emulator.files.keys();
  await new GeminiFilesClient(env.client, { taskQueue: 'observed' }).waitActive(id);
  live = await worker.scrape();
  for (const { name, labels } of live.samples)
    series.set(name, new Set([...(series.get(name) ?? []), ...Object.keys(labels)]));
});
afterAll(() => env.teardown());

/** What Prometheus adds itself. */
const TARGET_LABELS = ['job', 'instance'];

function expectLive(expression: string): void {
  const { metrics, labels } = askedOf(expression);
  for (const metric of metrics) expect([...series.keys()]).toContain(metric);
  const known = new Set([...metrics].flatMap((metric) => [...(series.get(metric) ?? [])]));
  for (const label of labels) expect([...known, ...TARGET_LABELS], expression).toContain(label);
}

/** Every value of a union, which the compiler holds it to. */
const all = <T extends string>(values: Record<T, true>) => Object.keys(values);

/** What the code can put into a label, by metric and label; the SDK's own labels have what a live worker shows. */
const KNOWN: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  gemini_files_uploads_total: { outcome: ['ACTIVE', 'cancelled', 'other', ...Object.keys(ERROR_CLASSES)] },
  gemini_files_cleanups_total: { outcome: all<Cleanup>({ deleted: true, kept: true, failed: true }) },
  gemini_files_checks_total: {
    state: all<FileState | 'missing'>({ PROCESSING: true, ACTIVE: true, FAILED: true, missing: true }),
  },
  gemini_files_provider_errors_total: {
    // `not-found` is an answer, and counted nowhere.
    kind: all<Exclude<ErrorKind, 'not-found'>>({
      connection: true,
      'network-setup': true,
      unavailable: true,
      credentials: true,
      quota: true,
      'name-conflict': true,
      'session-lost': true,
      'offset-mismatch': true,
      rejected: true,
    }),
    operation: all<Operation>({
      start: true,
      upload: true,
      query: true,
      cancel: true,
      get: true,
      delete: true,
      list: true,
    }),
    status_class: ['none', '2xx', '3xx', '4xx', '5xx'],
  },
};

/** Label values that nothing ever has, so that what asks for them is blind. */
function unknownValues(expression: string): string[] {
  return matchersOf(expression).flatMap(({ metric, label, values }) => {
    const seen = live.samples.flatMap(({ name, labels }) => (name === metric ? [labels[label]] : []));
    const known = KNOWN[metric]?.[label] ?? seen;
    return values.filter((value) => !known.includes(value)).map((value) => `${metric}: ${label}="${value}"`);
  });
}

describe('the dashboard', () => {
  it('has what is to be seen', () => {
    expect(panels.map(({ title }) => title)).toEqual([
      'Uploads that ended, a minute',
      'Outcomes in this time range',
      'Throughput',
      'Time to ACTIVE',
      'Overshoot',
      'Checks per upload',
      'Errors of the provider, a minute',
      'Clean-ups, a minute',
      'Schedule to start, p95',
      'Slots of the workers',
      'Sticky cache',
      'Pollers',
    ]);
    for (const { targets } of panels) expect(targets).not.toEqual([]);
  });

  it.each(queries)('%s: %s', (_, expr) => {
    expectLive(expr);
    expect(unknownValues(expr)).toEqual([]);
  });

  it('picks its task queue from a metric that there is', () => {
    for (const { templating } of dashboards) {
      expect(templating.list.map(({ name }) => name)).toEqual(['queue']);
      for (const { definition } of templating.list) expectLive(definition);
    }
  });

  it('labels its lines with what they are grouped by', () => {
    for (const { targets } of panels)
      for (const { expr, legendFormat } of targets)
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          expect([...askedOf(expr).labels]).toContain(label);
  });

  it('asks the data source that is provisioned', () => {
    const { datasources } = parse(read('temporal/grafana/provisioning/datasources/prometheus.yml')) as {
      datasources: { uid: string }[];
    };
    const [source] = datasources;
    for (const { datasource } of panels) expect(datasource.uid).toBe(source?.uid);
  });
});

describe('the alert rules', () => {
  it.each(
    rules.filter(({ alert }) => alert !== 'GeminiFilesWorkerDown').map(({ alert, expr }) => [alert, expr]),
  )('%s', (_, expr) => {
    expectLive(expr ?? '');
    expect(unknownValues(expr ?? '')).toEqual([]);
  });

  it('ask for the scrape job that is configured', () => {
    const [down] = rules.filter(({ alert }) => alert === 'GeminiFilesWorkerDown');
    const { scrape_configs: jobs } = parse(read('temporal/prometheus/prometheus.yml')) as {
      scrape_configs: { job_name: string }[];
    };
    expect(down?.expr).toBe(`up{job="${jobs[0]?.job_name}"} == 0`);
  });

  it.each([
    ['gemini_files_provider_errors_total{kind="credential"}', 'kind="credential"'],
    ['gemini_files_provider_errors_total{kind=~"unavailable|connections"}', 'kind="connections"'],
    ['gemini_files_cleanups_total{outcome="broken"}', 'outcome="broken"'],
    ['gemini_files_uploads_total{outcome!~"ACTIVE|canceled"}', 'outcome="canceled"'],
    ['temporal_num_pollers{poller_type="workflow"}', 'poller_type="workflow"'],
  ])('could not ask for %s', (expr, value) => {
    expect(unknownValues(`sum(${expr})`)).toEqual([expect.stringContaining(value)]);
  });

  it('are each tested by promtool’s own rule tests', () => {
    const { tests } = parse(read('temporal/prometheus/alerts.test.yml')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[];
    };
    const fired = tests.flatMap(({ alert_rule_test: at }) =>
      at.filter(({ exp_alerts: expected }) => expected).map(({ alertname }) => alertname),
    );
    expect([...new Set(fired)].sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  const promtool = process.env.PROMTOOL ?? 'promtool';
  const here = spawnSync(promtool, ['--version']).status === 0;
  it.skipIf(!here)(
    `pass them${here ? '' : " (SKIPPED: no promtool here; Debian's package prometheus has it, PROMTOOL names it)"}`,
    () => {
      const run = (...args: string[]) =>
        spawnSync(promtool, args, { cwd: path.join(root, 'temporal/prometheus'), encoding: 'utf8' });
      expect(run('check', 'rules', 'alerts.yml')).toMatchObject({ status: 0 });
      expect(run('test', 'rules', 'alerts.test.yml')).toMatchObject({ status: 0 });
    },
  );

  it('are each explained', () => {
    const docs = read('docs/observability.md');
    for (const { alert } of rules) expect(docs).toContain(`\`${alert}\``);
  });
});

it('reads Temporal’s own durations in seconds, and no metric is of another prefix', () => {
  for (const [name, type] of live.types) {
    expect(name).toMatch(/^(gemini_files|temporal)_/);
    if (type === 'counter') expect(name).toMatch(/_total$/);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});

describe('docs/observability.md', () => {
  /** `| name | type | unit | tags | … |` */
  const rows = [
    ...read('docs/observability.md').matchAll(
      /^\| `(gemini_files_\w+)` +\| (\w+) +\| (\w+|–) +\| ([^|]*)\|/gm,
    ),
  ].map(([, name = '', type = '', unit = '', tags = '']) => ({
    name,
    type,
    unit,
    tags: [...tags.matchAll(/`(\w+)`/g)].map(([, tag = '']) => tag).sort(),
  }));

  it('lists each metric of a live worker with its type, unit and tags', () => {
    const common = new Set(['namespace', 'taskQueue', 'le']);
    const found = [...live.types]
      .filter(([name]) => name.startsWith('gemini_files_'))
      .map(([full, type]) => {
        const name = full.replace(/_total$/, '');
        const sample = live.samples.find((one) => one.name === full || one.name === `${full}_count`);
        const tags = Object.keys(sample?.labels ?? {}).filter((tag) => !common.has(tag));
        return { name, type, unit: /_(bytes|seconds)$/.exec(name)?.[1] ?? '–', tags: tags.sort() };
      });
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect([...rows].sort(byName)).toEqual(found.sort(byName));
  });
});

describe('the log table of docs/observability.md', () => {
  const typeScriptFiles = (folder: string) =>
    readdirSync(path.join(root, 'src', folder), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );

  it('has each message of activities and workflows, at its level, and no other', () => {
    const said = ['activities', 'workflow', 'worker'].flatMap((folder) =>
      typeScriptFiles(folder).flatMap((file) =>
        [...read(`src/${folder}/${file}`).matchAll(/\blog\.(info|warn|debug)\(\s*'([^']+)'/g)].map(
          ([, level = '', message = '']) => `${level.toUpperCase()} ${message}`,
        ),
      ),
    );
    const listed = [...read('docs/observability.md').matchAll(/^\| (INFO|WARN|DEBUG) +\| (.*)\|$/gm)].flatMap(
      ([, level = '', cell = '']) =>
        [...cell.matchAll(/`([A-Z][^`]+)`/g)].map(([, message = '']) => `${level} ${message}`),
    );
    expect(listed.sort()).toEqual([...new Set(said)].sort());
  });
});

describe('matchersOf', () => {
  it('names the values of each matcher', () => {
    expect(matchersOf('sum(m{a="x", b!~"y|z", c=~"$queue"}) / n{d!="w"}')).toEqual([
      { metric: 'm', label: 'a', values: ['x'] },
      { metric: 'm', label: 'b', values: ['y', 'z'] },
      { metric: 'm', label: 'c', values: [] },
      { metric: 'n', label: 'd', values: ['w'] },
    ]);
  });

  it('does not pass what it does not know', () => {
    expect(() => matchersOf('m{a=~"x.*"}')).toThrow('unknown pattern x.*');
  });
});

describe('askedOf', () => {
  it('distinguishes metrics from labels, functions, words and ranges', () => {
    const { metrics, labels } = askedOf(
      'histogram_quantile(0.95, sum by (le, a) (rate(m_bucket{b="x or y", c!~"d|e"}[5m]))) or n unless n offset 30m > 0.2',
    );
    expect([...metrics]).toEqual(['m_bucket', 'n']);
    expect([...labels].sort()).toEqual(['a', 'b', 'c', 'le']);
  });

  it('does not pass what it does not know', () => {
    expect(() => askedOf('deriv(m[5m])')).toThrow('unknown function deriv');
    expect(() => askedOf('vector(1)')).toThrow('no metric');
  });
});
