/** The way to a source's server: which URL, which headers, which redirects. */

import { SourceError, SourceNotAllowedError } from '../contract/errors.js';
import { errorForStatus } from './answers.js';
import { ConnectionBreak } from './break.js';
import type { Connections, GetAnswer } from './http-get.js';
import { MAX_REDIRECTS, MAX_URL_LENGTH } from './limits.js';

/** Where a request goes. */
export interface Target {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Route {
  /** Names the file in messages. No secret is in it. */
  readonly label: string;
  /** The target of the next request. */
  readonly target: (signal: AbortSignal) => Promise<Target>;
  /** Makes another target after a refusal, such as a new signature; false: there is none. `code` is what `onError` returned. @default none */
  readonly renew?: (signal: AbortSignal, refusal: GetAnswer, code?: string) => Promise<boolean>;
  /** Whether the status refuses the target's signature or headers. @default 401 and 403 */
  readonly isRefusal?: (status: number) => boolean;
  /** Called with each answer that does not refuse. */
  readonly accepted?: () => void;
  /** Called with each answer that is an error, before it is dropped. Returns what a message may say of it. Throws only if `signal` is aborted. */
  readonly onError?: (answer: GetAnswer, signal: AbortSignal) => Promise<string | undefined>;
  /** Where redirects may lead. @default no redirect is followed */
  readonly mayRedirectTo?: (url: URL) => boolean;
}

export interface RoutedAnswer {
  readonly answer: GetAnswer;
  /** Names the request in messages. */
  readonly what: string;
  readonly redirected: boolean;
  /** Where the answer comes from. It may be a signed URL: it must not be stored or shown. */
  readonly url: URL;
}

/** The headers of a request to this URL, beside those of the target. */
type HeadersFor = (url: URL) => Readonly<Record<string, string>>;

/**
 * The requests for one file. Once redirects have led to it, later requests go where they led: a redirector may choose another mirror each
 * time. If that fails, as a signed URL does that has expired, the route is taken from its beginning again. Only a source that is busy is not
 * asked more: its answer says when to come again.
 */
export class RoutedRequests {
  /** Where redirects led last, with the headers for there. */
  private kept: Target | undefined;

  constructor(
    readonly route: Route,
    private readonly connections: Connections,
  ) {}

  /**
   * Sends a GET and follows its redirects.
   *
   * @param continues - whether an answer is what the request expects. Where redirects led before, any other answer can mean that the URL
   *   has expired
   * @returns an answer of any status but a redirect, 401 and 403
   * @throws SourceNotAllowedError, SourceError, and the signal's reason
   * @throws ConnectionBreak if no answer came
   */
  async get(
    headersFor: HeadersFor,
    signal: AbortSignal,
    continues: (answer: GetAnswer) => boolean = isFile,
  ): Promise<RoutedAnswer> {
    const { route } = this;
    const again = await this.getKept(headersFor, signal, continues);
    if (again) return again;
    for (;;) {
      const routed = await this.follow(headersFor, signal);
      const { status, drop } = routed.answer;
      const code = status >= 400 ? await route.onError?.(routed.answer, signal) : undefined;
      if (!(route.isRefusal ?? isUnauthorized)(status)) {
        route.accepted?.();
        return routed;
      }
      drop();
      if (!(await route.renew?.(signal, routed.answer, code)))
        throw errorForStatus(routed.what, routed.answer, code);
    }
  }

  close(): void {
    this.connections.close();
  }

  /** The file from where redirects led before; undefined if it is not there any more, for whatever reason. */
  private async getKept(
    headersFor: HeadersFor,
    signal: AbortSignal,
    continues: (answer: GetAnswer) => boolean,
  ): Promise<RoutedAnswer | undefined> {
    const target = this.kept;
    if (!target) return undefined;
    this.kept = undefined;
    try {
      const answer = await this.send(target, headersFor, signal);
      if (isBusy(answer) || continues(answer)) {
        this.kept = target;
        return { answer, what: this.nameOf(target.url, true), redirected: true, url: target.url };
      }
      answer.drop();
    } catch (error) {
      if (!(error instanceof ConnectionBreak)) throw error;
    }
    return undefined;
  }

  private async follow(headersFor: HeadersFor, signal: AbortSignal): Promise<RoutedAnswer> {
    const { route } = this;
    let target = await route.target(signal);
    for (let redirects = 0; ; redirects += 1) {
      const { url } = target;
      const redirected = redirects > 0;
      const what = this.nameOf(url, redirected);
      const answer = await getNamed(what, () => this.send(target, headersFor, signal));
      if (!isRedirect(answer.status)) {
        if (redirected && isFile(answer)) this.kept = target;
        return { answer, what, redirected, url };
      }
      answer.drop();
      if (!route.mayRedirectTo) throw elsewhere(what, answer);
      if (redirects === MAX_REDIRECTS)
        throw new SourceNotAllowedError(`${what} answered with more than ${MAX_REDIRECTS} redirects`, {
          status: answer.status,
        });
      const next = redirectTarget(what, url, answer, route);
      // The headers of one origin are not sent to another one. They stay dropped if a later redirect leads back.
      target = { url: next, headers: next.origin === url.origin ? target.headers : {} };
    }
  }

  private send({ url, headers }: Target, headersFor: HeadersFor, signal: AbortSignal): Promise<GetAnswer> {
    return this.connections.get(url, { ...headers, ...headersFor(url) }, signal);
  }

  /** Shows only the origin of a redirect: the rest can be a signed URL. */
  private nameOf({ origin }: URL, redirected: boolean): string {
    const { label } = this.route;
    return redirected ? `${label}, redirected to ${origin},` : label;
  }
}

const isUnauthorized = (status: number) => status === 401 || status === 403;

const isFile = ({ status }: GetAnswer) => status === 200 || status === 206;

const isBusy = ({ status }: GetAnswer) => status === 429 || status === 503;

/** Puts the name of the request before what broke it. */
async function getNamed(what: string, get: () => Promise<GetAnswer>): Promise<GetAnswer> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof ConnectionBreak && error.lasting)
      throw new SourceError(`${what} got no answer: ${error.reason}`);
    throw error;
  }
}

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status);

/** A store redirects to the region of a bucket; what it says of it names the mistake. */
function elsewhere(what: string, { status, header }: GetAnswer): SourceError {
  const region = /^[a-z0-9-]{1,64}$/.exec(header('x-amz-bucket-region') ?? '')?.[0];
  const where = region === undefined ? '' : `, which is ${region}`;
  return new SourceError(
    `${what} answered ${status} with a redirect, which is not followed here: check the region of the bucket${where}, and the endpoint`,
    { status },
  );
}

function redirectTarget(what: string, from: URL, { status, header }: GetAnswer, route: Route): URL {
  const given = header('location') ?? '';
  const location = percentEncoded(given);
  if (given === '' || given.length > MAX_URL_LENGTH || !URL.canParse(location, from.href))
    throw new SourceError(`${what} answered ${status} without a usable Location`, { status });
  const url = new URL(location, from.href);
  url.hash = '';
  const refused = (why: string) =>
    new SourceNotAllowedError(
      // Of a URL like `data:…`, which has no origin, only the scheme: the rest can be anything.
      `${what} redirects to ${url.origin === 'null' ? url.protocol : url.origin}, which the worker does not permit: ${why}`,
      { status },
    );
  if (url.protocol !== 'https:') throw refused('it is not https');
  if (url.username || url.password) throw refused('it contains a user name or a password');
  if (!route.mayRedirectTo?.(url)) throw refused('it is not one of the allowed origins');
  return url;
}

/**
 * The bytes beyond ASCII that a server has left as they are in a URL, mostly UTF-8, each as `%XX`: the next request asks for the same bytes.
 *
 * @param latin1 - a character for each byte, as heads are read
 */
function percentEncoded(latin1: string): string {
  return latin1.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}
