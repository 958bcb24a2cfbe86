/** Redirects of a source: each is checked as the first URL was, and another origin gets no headers. */

import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answer, SourceServer, type Act } from '../support/source-server.js';
import { open, readAll, sourcesFor } from '../support/sources.js';

let server: SourceServer;
beforeAll(async () => {
  server = await SourceServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => server.reset());

describe('a redirect', () => {
  const redirect = (location: string, status = 302): Act => answer(status, { location });
  /** With a Location of any bytes, which Node's server would not write. */
  const rawRedirect =
    (location: Buffer): Act =>
    (_request, { socket }) =>
      socket?.end(
        Buffer.concat([
          Buffer.from('HTTP/1.1 302 Found\r\ncontent-length: 0\r\nconnection: close\r\nlocation: '),
          location,
          Buffer.from('\r\n\r\n'),
        ]),
      );
  const openHere = () =>
    open(
      server.url('/start?id=1'),
      sourcesFor(server, { https: { headers: { authorization: 'Bearer S3CRET' } } }),
    );

  it.each([301, 302, 303, 307, 308])('(%i) is followed to an allowed origin, three times', async (status) => {
    server.files.set('/end', { content: Buffer.from('abc') });
    server.acts.push(
      redirect('/a', status),
      redirect('/b', status),
      redirect(server.url('/end?sig=1'), status),
    );
    const source = await openHere();
    expect((await readAll(source)).toString()).toBe('abc');
    await source.close();
    expect(source.name).toBe('start');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(
      Array(4).fill('Bearer S3CRET'),
    );
  });

  it('is not followed a fourth time', async () => {
    server.acts.push(...Array.from({ length: 9 }, () => redirect('/again')));
    await expect(openHere()).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
    expect(server.requests.length).toBe(4);
  });

  it.each([
    ['http', 'http://127.0.0.1:1/x'],
    ['another origin', 'https://elsewhere.example/x?X-Amz-Signature=SECRET'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:text/plain,SECRET'],
    ['a password', 'https://user:SECRET@127.0.0.1/'],
    ['the own port over http', 'http://127.0.0.1:443/'],
    ['another port', 'https://127.0.0.1:1/'],
  ])('to %s is refused', async (_, location) => {
    server.acts.push(redirect(location));
    const failed = openHere();
    await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
    await expect(failed).rejects.not.toThrow('SECRET');
    expect(server.requests.length).toBe(1);
  });

  it('with a password to the own origin is refused', async () => {
    server.acts.push(redirect(`https://user:SECRET@127.0.0.1:${server.port}/x`));
    const failed = openHere();
    await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
    await expect(failed).rejects.not.toThrow('SECRET');
    expect(server.requests.length).toBe(1);
  });

  it('is named by its origin only where it leads to an error', async () => {
    server.acts.push(redirect(server.url('/end?X-Amz-Signature=SECRET')), answer(500));
    const failed = openHere();
    await expect(failed).rejects.toThrow(`redirected to ${server.origin}, answered 500`);
    await expect(failed).rejects.not.toThrow('SECRET');
  });

  it('is followed over another connection if its body does not end', async () => {
    server.files.set('/end', { content: Buffer.from('abc') });
    let closed: Promise<unknown> | undefined;
    server.acts.push((_request, response) => {
      closed = once(response, 'close');
      response.writeHead(302, { location: '/end', 'content-length': '1000000' }).write('x');
    });
    const source = await openHere();
    await closed;
    expect((await readAll(source)).toString()).toBe('abc');
    await source.close();
  });

  it.each(['http://127.0.0.1:1/x', 'https://user:SECRET@127.0.0.1/x'])(
    'to %s is refused for the URL of a function, too, which may lead to any origin',
    async (location) => {
      server.acts.push(redirect(location));
      const store = () => ({ url: server.url('/x') });
      const failed = open('store:x', sourcesFor(server, { store }));
      await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
      await expect(failed).rejects.not.toThrow('SECRET');
      expect(server.requests.length).toBe(1);
    },
  );

  it('to a URL without an origin is named by its scheme only', async () => {
    server.acts.push(redirect('data:text/plain,SECRET'));
    const failed = openHere();
    await expect(failed).rejects.toMatchObject({
      name: 'SourceNotAllowedError',
      message: expect.stringContaining('redirects to data:, which') as string,
    });
  });

  it.each(['', 'https://[::1', `https://a.example/${'x'.repeat(9000)}`])(
    'to no URL is an error',
    async (location) => {
      server.acts.push(redirect(location));
      await expect(openHere()).rejects.toMatchObject({ name: 'SourceError' });
    },
  );

  it.each([
    ['UTF-8', '/vidéo/ü 🎬.mp4?v=é', '/vid%C3%A9o/%C3%BC%20%F0%9F%8E%AC.mp4?v=%C3%A9', 'utf8'],
    ['Latin-1', '/vidéo.mp4', '/vid%E9o.mp4', 'latin1'],
    ['an encoded URL', '/vid%C3%A9o.mp4', '/vid%C3%A9o.mp4', 'latin1'],
  ] as const)('to a path in %s is followed byte by byte', async (_, location, path, encoding) => {
    const content = answer(200, { 'content-length': '3' }, 'abc');
    server.acts.push(rawRedirect(Buffer.from(location, encoding)), content);
    const source = await openHere();
    expect((await readAll(source)).toString()).toBe('abc');
    await source.close();
    expect(server.requests.map((request) => request.path)).toEqual(['/start?id=1', path]);
  });

  it('to a host in UTF-8 is judged by the name that is looked up', async () => {
    server.acts.push(rawRedirect(Buffer.from('https://bücher.example/x')));
    const failed = openHere();
    await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
    await expect(failed).rejects.toThrow('https://xn--bcher-kva.example,');
  });

  it('to another origin does not get the headers, nor does the way back', async () => {
    await using other = await SourceServer.start();
    server.files.set('/end', { content: Buffer.from('abc') });
    server.acts.push(redirect(other.url('/x')));
    other.acts.push(redirect(server.url('/end')));
    const allowedOrigins = [server.origin, other.origin];
    const https = { allowedOrigins, headers: { authorization: 'Bearer S3CRET', 'x-token': 'S3CRET' } };
    const source = await open(server.url('/start'), sourcesFor(server, { https }));
    await source.close();
    const seen = [...server.requests.slice(0, 1), ...other.requests, ...server.requests.slice(1)];
    expect(seen.map(({ headers }) => headers.authorization ?? headers['x-token'])).toEqual([
      'Bearer S3CRET',
      undefined,
      undefined,
    ]);
  });
});
