/** The books of the holds of `npm run chaos`: each way in which they do not balance is reported. */

import { describe, expect, it } from 'vitest';

interface Signal {
  readonly name: string;
  readonly leaseId: string;
  readonly forMs?: number;
  readonly atMs: number;
}
interface Run {
  readonly begins: {
    readonly acquired?: { readonly leaseId: string; readonly forMs: number; readonly atMs: number };
    readonly carried?: readonly object[];
    readonly keptFile?: boolean;
  };
  readonly signals: readonly Signal[];
  readonly outcome: string;
  readonly closedAt?: number;
  readonly cancelRequested?: boolean;
  readonly result?: { readonly cleanup: string };
  readonly cleanup?: string;
  readonly message?: string;
}
interface Look {
  readonly status: {
    readonly file: { readonly id: string } | null;
    readonly leases: readonly { id: string }[];
  };
  readonly files: readonly File[];
  readonly extras: readonly { readonly name: string; readonly forMs: number }[];
  readonly atMs: number;
}
type File = Record<'name' | 'displayName' | 'state' | 'sha256', string>;
interface Hold {
  readonly holdId: string;
  readonly displayName: string;
  readonly sha256s: readonly string[];
  readonly plan: { readonly fate: string; readonly graceMs: number; readonly source?: object };
  readonly runs: readonly Run[];
  readonly look?: Look;
  readonly terminations?: number;
  readonly handedOut: readonly { readonly name: string; readonly sha256: string; readonly atMs: number }[];
  readonly failures: readonly object[];
}
interface Books {
  balanceHolds: (
    holds: readonly Hold[],
    files: readonly File[],
    deletions: Record<string, number>,
  ) => { wrong: string[]; suspects: string[] };
}

// JavaScript without types, as the scripts are.
const script = new URL('../../scripts/chaos/hold-books.js', import.meta.url).href;
const { balanceHolds } = (await import(script)) as Books;

const HOUR = 3_600_000;
const file: File = { name: 'files/a', displayName: 'one', state: 'ACTIVE', sha256: 'aa' };
const old: File = { ...file, name: 'files/old' };
const begins = { acquired: { leaseId: 'a', forMs: HOUR, atMs: 0 } };
const release = (leaseId: string, atMs: number): Signal => ({ name: 'releaseHold', leaseId, atMs });
const acquire = (leaseId: string, atMs: number, forMs = HOUR): Signal => ({
  name: 'acquireHold',
  leaseId,
  forMs,
  atMs,
});
const openRun: Run = { begins, signals: [], outcome: 'open' };
const completed: Run = {
  begins,
  signals: [release('a', 50_000)],
  outcome: 'completed',
  closedAt: 60_000,
  result: { cleanup: 'deleted' },
};
const look: Look = {
  status: { file: { id: 'files/a' }, leases: [{ id: 'a' }] },
  files: [file],
  extras: [],
  atMs: 100_000,
};
const ended: Hold = {
  holdId: 'h',
  displayName: 'one',
  sha256s: ['aa'],
  plan: { fate: 'active', graceMs: 1000 },
  runs: [completed],
  handedOut: [],
  failures: [],
};
const open: Hold = { ...ended, runs: [openRun], look };
const wrong = (hold: Hold, files: readonly File[], deletions = {}) =>
  balanceHolds([hold], files, deletions).wrong;

it('balance if an open hold has its one file, and an ended one has none', () => {
  expect(wrong(open, [file])).toEqual([]);
  expect(wrong(ended, [])).toEqual([]);
});

describe('the files', () => {
  it('of an ended hold are gone, however it ended', () => {
    const terminated = { ...openRun, outcome: 'terminated', closedAt: 1000 };
    for (const hold of [ended, { ...ended, runs: [terminated], terminations: 1 }])
      expect(wrong(hold, [file, old])).toEqual(['h has ended and left files/a, files/old']);
  });

  it('of an open hold are one, which is ACTIVE and has its content', () => {
    const see = (part: Partial<Look>) => wrong({ ...open, look: { ...look, ...part } }, [file]);
    expect(see({ files: [] })).toEqual(['h is open, and files/a is not there']);
    expect(see({ files: [{ ...file, state: 'PROCESSING' }] })).toEqual(['h has a file in state PROCESSING']);
    expect(see({ files: [{ ...file, sha256: 'bb' }] })).toEqual(['h has a file with another hash']);
    expect(see({ status: { ...look.status, file: null } })).toEqual([
      'h is open and has no file: {"file":null,"leases":[{"id":"a"}]}',
    ]);
    const unseen = balanceHolds([{ ...ended, runs: [openRun] }], [file], {}).wrong;
    expect(unseen).toEqual(['h is open and has no file: null', 'h was not asked for its leases']);
  });

  it('may be one more in its time of grace, and not longer', () => {
    const see = (...extras: Look['extras'][number][]) =>
      wrong({ ...open, look: { ...look, files: [file, old], extras } }, [file, old]);
    expect(see({ name: 'files/old', forMs: 20_000 })).toEqual([]);
    expect(see({ name: 'files/old', forMs: 22_000 })).toEqual([
      'h still has files/old after its time of grace',
    ]);
    expect(see({ name: 'files/old', forMs: 0 }, { name: 'files/b', forMs: 0 })).toEqual(['h has 3 files']);
  });

  it('belong to a hold', () => {
    expect(balanceHolds([ended], [{ ...file, displayName: 'two' }], {})).toEqual({
      wrong: ['files/a (two) belongs to no hold'],
      suspects: ['two'],
    });
  });

  it('that callers got had the content, and were not given up before', () => {
    const handedOut = [{ name: 'files/a', sha256: 'aa', atMs: 5000 }];
    expect(wrong({ ...ended, handedOut }, [], { 'files/a': 5001 })).toEqual([]);
    expect(wrong({ ...ended, handedOut }, [], { 'files/a': 4000 })).toEqual([
      'h gave files/a to a caller 1000 ms after its delete',
    ]);
    expect(wrong({ ...ended, handedOut, sha256s: ['bb'] }, [])).toEqual([
      'h gave a caller files/a, which has another hash',
    ]);
  });
});

describe('the leases', () => {
  const see = (signals: readonly Signal[], leases: readonly string[]) => {
    const status = { ...look.status, leases: leases.map((id) => ({ id })) };
    return wrong({ ...open, runs: [{ ...openRun, signals }], look: { ...look, status } }, [file]);
  };

  it('of an open hold are those that were acquired and not released', () => {
    expect(see([acquire('b', 1000)], ['a', 'b'])).toEqual([]);
    expect(see([acquire('b', 1000)], ['a'])).toEqual(['h lost b']);
    expect(see([acquire('b', 1000), release('b', 2000)], ['a', 'b'])).toEqual([
      'h has b, which was released',
    ]);
    expect(see([release('a', 1000)], [])).toEqual(['h is open without a lease']);
    // It was over.
    expect(see([acquire('b', 1000, 2000)], ['a'])).toEqual([]);
    // An acquire never shortens a lease.
    expect(see([acquire('b', 1000), acquire('b', 1000, 2000)], ['a'])).toEqual(['h lost b']);
  });

  it('are over when the hold completes', () => {
    const end = (signals: readonly Signal[]) => wrong({ ...ended, runs: [{ ...completed, signals }] }, []);
    expect(end([])).toEqual(['h ended although a lasts']);
    expect(end([release('a', 1000), acquire('b', 2000, 3000)])).toEqual([]);
    expect(end([release('a', 1000), acquire('a', 2000)])).toEqual(['h ended although a lasts']);
  });

  it('are handed on when the hold continues as new', () => {
    const go = (ids: readonly string[], run: Partial<Run> = {}, keptFile = true) => {
      const carried = ids.map((id) => ({ id, until: HOUR, acquiredAt: 0, forMs: HOUR }));
      const first = { ...openRun, outcome: 'continued', closedAt: 50_000, ...run };
      const status = { ...look.status, leases: ids.map((id) => ({ id })) };
      const next = { ...openRun, begins: { carried, keptFile } };
      return wrong({ ...open, runs: [first, next], look: { ...look, status } }, [file]);
    };
    expect(go(['a'])).toEqual([]);
    expect(go(['a', 'b'], { signals: [acquire('b', 1000)] })).toEqual([]);
    expect(go(['b'], { signals: [acquire('b', 1000)] })).toEqual(['h lost a when it continued as new']);
    expect(go(['b'], { signals: [acquire('b', 1000)] }, false)).toEqual([
      'h lost a when it continued as new',
    ]);
    expect(go(['a', 'x'])).toEqual(['h invented x when it continued as new']);
    // A cancelled hold begins anew with the leases that came meanwhile.
    const cancelled = { signals: [acquire('b', 1000)], cancelRequested: true };
    expect(go(['b'], cancelled, false)).toEqual([]);
    expect(go(['b'], cancelled, true)).toEqual(['h lost a when it continued as new']);
    const last = { ...openRun, outcome: 'continued', closedAt: 50_000 };
    expect(wrong({ ...ended, runs: [last] }, [])).toEqual(['h continued as new, and there is no next run']);
  });

  it('that last give their callers a file', () => {
    const failure = {
      leaseId: 'a',
      step: 'current',
      atMs: 40_000,
      name: 'UploadFailedError',
      message: 'over',
    };
    const see = (run: Partial<Run>, step = 'current') =>
      wrong(
        { ...ended, terminations: 1, runs: [{ ...completed, ...run }], failures: [{ ...failure, step }] },
        [],
      );
    expect(see({})).toEqual(['h current of a failed with UploadFailedError: over']);
    // It was released or over, or the hold was ended from outside.
    expect(see({ signals: [release('a', 30_000)] })).toEqual([]);
    expect(see({ begins: { acquired: { leaseId: 'a', forMs: 1000, atMs: 0 } } })).toEqual([]);
    expect(see({ outcome: 'terminated' })).toEqual([]);
    // An acquire begins a new hold if need be.
    expect(see({ signals: [release('a', 30_000)] }, 'acquire')).toEqual([
      'h acquire of a failed with UploadFailedError: over',
    ]);
  });
});

it.each<[string, Partial<Run>, Partial<Hold>, string[]]>([
  ['a clean-up that failed', { result: { cleanup: 'failed' } }, {}, ['h says cleanup: failed']],
  ['a cancellation', { outcome: 'cancelled' }, {}, ['h was cancelled by nobody']],
  ['a cancellation that was asked for', { outcome: 'cancelled', cancelRequested: true }, {}, []],
  ['a termination', { outcome: 'terminated' }, {}, ['h was terminated 1 times, and not 0']],
  ['a termination that was asked for', { outcome: 'terminated' }, { terminations: 1 }, []],
  [
    'a failure',
    { outcome: 'UploadFailedError', message: 'no', cleanup: 'deleted' },
    {},
    ['h ended as UploadFailedError: no (cleanup: deleted)'],
  ],
  [
    'the failure of its fate',
    { outcome: 'UploadFailedError', message: 'no', cleanup: 'deleted' },
    { plan: { fate: 'failed', graceMs: 0 } },
    [],
  ],
  [
    'that failure without a clean-up',
    { outcome: 'UploadFailedError', message: 'no', cleanup: 'failed' },
    { plan: { fate: 'failed', graceMs: 0 } },
    ['h ended as UploadFailedError: no (cleanup: failed)'],
  ],
  [
    'the failure of a source that changed',
    { outcome: 'FileChangedError', message: 'new', cleanup: 'deleted' },
    { plan: { fate: 'active', graceMs: 0, source: { change: {} } } },
    [],
  ],
  [
    'the failure of a source that changed before anything was sent',
    { outcome: 'FileChangedError', message: 'new' },
    { plan: { fate: 'active', graceMs: 0, source: { change: {} } } },
    [],
  ],
  [
    'the failure of a source that changed, whose file could not be deleted',
    { outcome: 'FileChangedError', message: 'new', cleanup: 'failed' },
    { plan: { fate: 'active', graceMs: 0, source: { change: {} } } },
    ['h ended as FileChangedError: new (cleanup: failed)'],
  ],
])('judge the end: %s', (_what, run, hold, lines) => {
  expect(wrong({ ...ended, ...hold, runs: [{ ...completed, ...run }] }, [])).toEqual(lines);
});
