/** Answers out of the bytes of a connection, however these are cut. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerReader } from '../../../src/sources/http/answer-reader.js';
import { MAX_HEAD_BYTES } from '../../../src/sources/limits.js';

const noFlow = () => undefined;

/** Gives `text` to a reader in pieces. @returns how many bytes of it the answer took */
function feed(reader: AnswerReader, text: string, cuts: readonly number[] = []): number {
  const bytes = Buffer.from(text, 'latin1');
  const ends = [...new Set(cuts)].filter((cut) => cut > 0 && cut < bytes.length).sort((a, b) => a - b);
  let used = 0;
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    if (reader.done) break;
    // A view, whose bytes are gone afterwards, as those of a connection are.
    const piece = Buffer.from(bytes.subarray(start, end));
    used += reader.accept(piece);
    piece.fill(0);
    start = end;
  }
  return used;
}

async function bodyOf(reader: AnswerReader): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of reader.body) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('latin1');
}

const chunked = (text: string) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}`;
const withLength = (length: number, text: string) =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${text}`;

describe('an answer', () => {
  it.each([
    ['with a length', withLength(11, 'hello world'), 'hello world'],
    ['in chunks', chunked('5\r\nhello\r\n6;name="x"\r\n world\r\n0\r\n\r\n'), 'hello world'],
    [
      'in chunks, with trailers',
      chunked('b\r\nhello world\r\n000\r\nx-sum: 1\r\nx: 2\r\n\r\n'),
      'hello world',
    ],
    ['after information', `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${withLength(2, 'hi')}`, 'hi'],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
    ['of no length', withLength(0, ''), ''],
  ])('%s is the same however its bytes are cut', async (_, text, body) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length)), async (cuts) => {
        const reader = new AnswerReader(noFlow);
        expect(feed(reader, `${text}SURPLUS`, [...cuts, text.length])).toBe(text.length);
        expect(reader.done).toBe(true);
        await reader.over;
        expect(await bodyOf(reader)).toBe(body);
        expect(reader.keepAliveMs).toBe(Infinity);
      }),
      { numRuns: 60 },
    );
  });

  it('does not take what follows it', () => {
    const text = withLength(3, 'abc');
    const reader = new AnswerReader(noFlow);
    expect(feed(reader, `${text}HTTP/1.1 200 OK`)).toBe(text.length);
  });

  it('without a length ends with its connection', async () => {
    const reader = new AnswerReader(noFlow);
    feed(reader, 'HTTP/1.1 200 OK\r\n\r\nhello');
    expect(reader.done).toBe(false);
    reader.end();
    expect(await bodyOf(reader)).toBe('hello');
    expect(reader.keepAliveMs).toBe(0);
  });

  it('that breaks brings what has come, and then the break', async () => {
    for (const text of [withLength(6, 'hello'), chunked('5\r\nhello\r\n'), 'HTTP/1.1 200 OK\r\n\r\nhello']) {
      const reader = new AnswerReader(noFlow);
      feed(reader, text);
      reader.end(new Error('broken'));
      const iterator = reader.body[Symbol.asyncIterator]();
      expect(String((await iterator.next()).value)).toBe('hello');
      await expect(iterator.next()).rejects.toThrow('broken');
    }
  });

  it('whose connection ends early is a break', async () => {
    const reader = new AnswerReader(noFlow);
    feed(reader, withLength(6, 'hello'));
    reader.end();
    await expect(bodyOf(reader)).rejects.toMatchObject({ name: 'ConnectionBreak', lasting: false });
    const none = new AnswerReader(noFlow);
    feed(none, 'HTTP/1.1 200 OK\r\nx: ');
    none.end();
    await expect(none.head).rejects.toMatchObject({ name: 'ConnectionBreak', lasting: false });
  });

  it.each([
    ['no HTTP, at once', 'SSH'],
    ['an endless head', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(MAX_HEAD_BYTES)}`],
    ['a chunk without a size', chunked('\r\nhello')],
    ['a chunk of a negative size', chunked('-5\r\nhello')],
    ['a chunk of a size that is no number', chunked('0x5\r\nhello')],
    ['a chunk of an endless size', chunked('0'.repeat(1000))],
    ['a chunk of a size that does not fit', chunked('fffffffffffff\r\n')],
    ['a chunk that is longer than it says', chunked('5\r\nhello!\r\n')],
    ['a line that ends without CR', chunked('5\nhello\r\n')],
    ['a trailer that ends without CR', chunked('0\r\nx: y\n\r\n')],
    ['an end of the trailers without CR', chunked('0\r\n\n')],
    ['an endless trailer', chunked(`0\r\nx: ${'y'.repeat(MAX_HEAD_BYTES)}`)],
    ['endless trailers', chunked(`0\r\n${'x: y\r\n'.repeat(MAX_HEAD_BYTES / 4)}`)],
  ])('refuses %s', (_, text) => {
    expect(() => feed(new AnswerReader(noFlow), text)).toThrow(
      expect.objectContaining({ name: 'ConnectionBreak', lasting: true }) as Error,
    );
  });

  it('gives up on endless information', () => {
    const text = 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(11);
    expect(() => feed(new AnswerReader(noFlow), text)).toThrow('informational');
  });
});

describe('the body', () => {
  it('is gathered, and the connection pauses while it waits to be taken', async () => {
    const flows: boolean[] = [];
    const content = Buffer.alloc(700 * 1024, 'abcdefg');
    const reader = new AnswerReader((more) => flows.push(more));
    reader.accept(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n`));
    const chunks = reader.body[Symbol.asyncIterator]();
    let at = 0;
    /** As a connection does: it brings records until it is asked to pause, and then what it has decrypted. */
    const bring = (surplus: number) => {
      flows.length = 0;
      const record = 16 * 1024;
      let left = surplus;
      while (at < content.length && (!flows.includes(false) || left-- > 0)) {
        reader.accept(content.subarray(at, at + record));
        at += record;
      }
    };
    const taken: Buffer[] = [];
    // More than the buffer has room for, too.
    for (const surplus of [3, 9, 0, 0]) {
      bring(surplus);
      const { value } = await chunks.next();
      if (value) taken.push(Buffer.from(value));
    }
    for (let next = await chunks.next(); !next.done; next = await chunks.next())
      taken.push(Buffer.from(next.value));
    expect(Buffer.concat(taken).equals(content)).toBe(true);
    expect(taken.length).toBeLessThan(6);
    expect(taken[0]?.length).toBe((256 + 48) * 1024);
  });
});
