/** Which origins a worker reads from: `https://media.example.com`, `https://*.example.com` for its subdomains, or `*` for all. */

export interface OriginRule {
  /** Whether an https URL is of a permitted origin. */
  readonly permits: (url: URL) => boolean;
  /** The origin, of a rule that permits only one. */
  readonly origin?: string;
}

/** Parses `text` as a rule; undefined if it is not a valid rule. */
export function parseOrigin(text: string): OriginRule | undefined {
  if (text === '*') return { permits: () => true };
  const [, wildcard, rest] = /^https:\/\/(\*\.)?([^*/?#@\\\s]+)$/i.exec(text) ?? [];
  if (rest === undefined || !URL.canParse(`https://${rest}`)) return undefined;
  const { origin, host, hostname } = new URL(`https://${rest}`);
  if (!wildcard) return { permits: (url) => url.origin === origin, origin };
  // Below an address there are no names.
  if (/^\[|^[\d.]+$/.test(hostname)) return undefined;
  return { permits: (url) => url.host.endsWith(`.${host}`) && url.host !== `.${host}` };
}

/** Whether `url` is https and one of the rules permits its origin. */
export function isAllowedOrigin(url: URL, rules: readonly OriginRule[]): boolean {
  return url.protocol === 'https:' && rules.some(({ permits }) => permits(url));
}
