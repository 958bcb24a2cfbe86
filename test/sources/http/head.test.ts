/** The head of an answer: what is read of it, and what is no HTTP. */

import { describe, expect, it } from 'vitest';
import { parseHead } from '../../../src/sources/http/head.js';
import { stopwatch } from '../../support/stopwatch.js';

const head = (...lines: string[]) => parseHead(['HTTP/1.1 206 Partial Content', ...lines].join('\r\n'));

describe('the head of an answer', () => {
  it('has a status, and headers by name in lower case', () => {
    const { status, headers } = head('ETag: "v1"  ', 'X-Empty:', 'x-latin1: gr\xfc\xdfe');
    expect(status).toBe(206);
    expect(Object.fromEntries(headers)).toEqual({ etag: '"v1"', 'x-empty': '', 'x-latin1': 'gr\xfc\xdfe' });
    expect(parseHead('HTTP/1.0 404').status).toBe(404);
  });

  it('has the first of a repeated header, or all of them', () => {
    const { headers } = head('ETag: "1"', 'ETag: "2"', 'Content-Encoding: identity', 'content-encoding: br');
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('content-encoding')).toBe('identity, br');
  });

  it('tells how the body ends', () => {
    expect(head('Content-Length: 12').framing).toBe(12);
    expect(head('Transfer-Encoding: Chunked').framing).toBe('chunked');
    expect(head().framing).toBe('close');
    expect(parseHead('HTTP/1.1 304 Not Modified\r\nContent-Length: 12').framing).toBe(0);
    expect(parseHead('HTTP/1.1 204 No Content').framing).toBe(0);
    expect(parseHead('HTTP/1.1 100 Continue').framing).toBe(0);
    const unasked = parseHead('HTTP/1.1 101 Switching Protocols\r\nContent-Length: 0');
    expect(unasked).toMatchObject({ framing: 'close', keepAliveMs: 0 });
  });

  it.each([[['Content-Length: 5', 'content-length:5 ']], [['Content-Length: 5, 5', 'Content-Length: 5']]])(
    'has a length that is said more than once: %j',
    (lines) => {
      const { framing, headers } = head(...lines);
      expect([framing, headers.get('content-length')]).toEqual([5, '5']);
    },
  );

  it.each<[string[], number]>([
    [[], Infinity],
    [['Connection: Close'], 0],
    [['Connection: keep-alive, close'], 0],
    [['Keep-Alive: max=5, timeout=2'], 2000],
  ])('of 1.1 with %j keeps the connection %d ms', (lines, ms) => {
    expect(head('Content-Length: 1', ...lines).keepAliveMs).toBe(ms);
  });

  it('of 1.0 keeps the connection only if it says so, and none whose end ends the body', () => {
    const old = (...lines: string[]) => parseHead(['HTTP/1.0 200 OK', ...lines].join('\r\n')).keepAliveMs;
    expect(old('Content-Length: 1')).toBe(0);
    expect(old('Content-Length: 1', 'Connection: Keep-Alive')).toBe(Infinity);
    expect(head('Connection: keep-alive').keepAliveMs).toBe(0);
  });

  it.each([
    'SSH-2.0-OpenSSH_9.6',
    'HTTP/2 200',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 200 OK\r\nno colon',
    'HTTP/1.1 200 OK\r\nspace before : colon',
    'HTTP/1.1 200 OK\r\n: no name',
    'HTTP/1.1 200 OK\r\nx: a\r\n continued: line',
    'HTTP/1.1 200 OK\r\nx: a\nb: c',
    'HTTP/1.1 200 OK\r\nx: a\rb',
    'HTTP/1.1 200 OK\r\nx: a\0b',
    'HTTP/1.1 200 OK\r\nContent-Length: -1',
    'HTTP/1.1 200 OK\r\nContent-Length: 0x10',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 05',
    'HTTP/1.1 200 OK\r\nContent-Length: 5, 6',
    'HTTP/1.1 200 OK\r\nContent-Length: 5,',
    'HTTP/1.1 200 OK\r\nContent-Length: ,',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\xa0',
    'HTTP/1.1 200 OK\r\nContent-Length: ',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\xa0',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: ',
    'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5',
  ])('is none: %j', (text) => {
    expect(() => parseHead(text)).toThrow(
      expect.objectContaining({ name: 'ConnectionBreak', lasting: true }) as Error,
    );
  });

  it.each([
    ['spaces in Connection', `Connection: a${' '.repeat(32_000)}b`],
    ['spaces before a character that no header has', `x: ${' '.repeat(32_000)}\n`],
    ['tabs after a value', `x: a${'\t'.repeat(32_000)}`],
    ['commas', `Connection: ${', '.repeat(16_000)}`],
    ['one header, again and again', 'x: y\r\n'.repeat(5000)],
    ['timeouts', `Connection: keep-alive\r\nKeep-Alive: ${'timeout='.repeat(4000)}`],
  ])('is read at once, though it is full of %s', (_, text) => {
    const elapsed = stopwatch();
    try {
      head('Content-Length: 1', text);
    } catch (error) {
      expect(error).toMatchObject({ name: 'ConnectionBreak' });
    }
    expect(elapsed()).toBeLessThan(150);
  });
});
