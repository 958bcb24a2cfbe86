/** For a process of Node's that is to be without `@google/genai`. */

/** As if the optional peer was not installed: no module can resolve it. */
const hooks = `
  export async function resolve(specifier, context, next) {
    if (!/^@google\\/genai(\\/|$)/.test(specifier)) return next(specifier, context);
    throw Object.assign(new Error("Cannot find package '@google/genai'"), { code: 'ERR_MODULE_NOT_FOUND' });
  }`;
const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

const register = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))});`;

/** The module to `--import`. */
export const importingNoGenai = dataUrl(register);
