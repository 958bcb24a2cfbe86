/** Faults for answers that do not come from the provider but from something on the way to it (provider fact F-NETWORK-INTERMEDIARY). Each is plain data. */

import { STATUS_CODES } from 'node:http';
import type { Fault, FaultMatch, FaultTarget, RespondFault } from './fault.js';

type More = Omit<FaultMatch, 'on'> & Pick<RespondFault, 'work' | 'early'>;

const HTML = { 'content-type': 'text/html; charset=UTF-8' };

export const intermediaries = {
  /**
   * The HTML page of a load balancer or gateway, whose status is not the provider's word: 403, 404, 502, 504 were seen.
   *
   * @param on - the requests that it is for
   * @param status - of the page
   * @param more - how often, from which request on, and for which file
   */
  htmlError(on: FaultTarget, status: number, more: More = {}): Fault {
    const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`;
    return { ...more, on, do: 'respond', status, headers: HTML, text: htmlPage(title) };
  },

  /**
   * 302 to the login page of a captive portal or a proxy, on a host that does not exist unless `location` is given.
   *
   * @param on - the requests that it is for
   * @param more - how often, from which request on, and for which file
   */
  loginRedirect(on: FaultTarget, more: More & { location?: string } = {}): Fault {
    const { location = 'https://login.invalid/', ...rest } = more;
    return { ...rest, on, do: 'respond', status: 302, headers: { location } };
  },

  /**
   * 200 with the HTML of a login page.
   *
   * @param on - the requests that it is for
   * @param more - how often, from which request on, and for which file
   */
  loginPage(on: FaultTarget, more: More = {}): Fault {
    return { ...more, on, do: 'respond', status: 200, headers: HTML, text: htmlPage('Sign in') };
  },

  /**
   * 200 without a body and without any of the provider's headers.
   *
   * @param on - the requests that it is for
   * @param more - how often, from which request on, and for which file
   */
  emptyAnswer(on: FaultTarget, more: More = {}): Fault {
    return { ...more, on, do: 'respond', status: 200 };
  },

  /**
   * 407 of a proxy that wants a password.
   *
   * @param on - the requests that it is for
   * @param more - how often, from which request on, and for which file
   */
  proxyAuthentication(on: FaultTarget, more: More = {}): Fault {
    const headers = { ...HTML, 'proxy-authenticate': 'Basic realm="proxy"' };
    const text = htmlPage('407 Proxy Authentication Required');
    return { ...more, on, do: 'respond', status: 407, headers, text };
  },

  /**
   * An interim answer that was not asked for, then the real one. @param status 100, 102 or 103
   *
   * @param on - the requests that it is for
   * @param more - how often, from which request on, and for which file
   */
  unsolicited(on: FaultTarget, status: 100 | 102 | 103 = 100, more: Omit<FaultMatch, 'on'> = {}): Fault {
    return { ...more, on, do: 'inform', status };
  },
} as const;

function htmlPage(title: string): string {
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
}
