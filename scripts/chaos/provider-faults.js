/** Faults at the provider, and on the way to it, that end long after the request, or that are not the provider's own words. */

const MIB = 1024 * 1024;
const HTML = { 'content-type': 'text/html; charset=utf-8' };
const page = (title) =>
  `<!DOCTYPE html><html><head><title>${title}</title></head><body>${title}</body></html>`;

/** What a load balancer, a firewall or a hotel's login page answers in place of the provider. */
const PAGES = [
  { status: 403, text: page('Forbidden'), headers: HTML },
  { status: 404, text: page('404 Not Found'), headers: HTML },
  { status: 200, text: page('Sign in'), headers: HTML },
  { status: 302, text: '', headers: { location: 'http://127.0.0.1:9/login' } },
  { status: 502, text: page('Bad Gateway'), headers: HTML },
];

/** @param kind - `slowUpload`, `slowFinalize`, `lateFile` or `intermediary` */
export function providerFault(kind, random) {
  switch (kind) {
    case 'slowUpload':
      // Only large files notice.
      return { on: 'upload', do: 'pace', bytesPerSecond: random.between(0.7 * MIB, 3 * MIB) };
    case 'slowFinalize':
      return {
        on: 'finalize',
        do: 'slowFinalize',
        ms: random.between(1000, 8000),
        // No answer, a broken connection, or a timeout of a gateway; the provider continues.
        answer: random.pick([
          'outcome',
          'reset',
          { status: 504, text: page('Gateway Timeout'), headers: HTML },
        ]),
        answerAfterMs: random.between(0, 2000),
        query: random.pick(['active', 'wait', 'refuse']),
        cancel: random.pick(['refuse', 'ignore', 'stop']),
        finalize: random.pick(['refuse', 'wait']),
        ...(random.chance(0.3) && { visibleAfterMs: random.between(1000, 8000) }),
      };
    case 'lateFile':
      return { on: 'finalize', do: 'showLate', ms: random.between(1000, 10_000) };
    case 'intermediary': {
      const on = random.pick(['get', 'get', 'delete', 'delete', 'start', 'upload', 'query', 'cancel']);
      return { on, do: 'respond', times: random.between(1, 2), ...random.pick(PAGES) };
    }
  }
  throw new RangeError(`${kind} is not a kind of fault at the provider`);
}
