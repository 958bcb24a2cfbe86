/** The TCP relay of `npm run chaos`. */

export interface Relay {
  readonly port: number;
  cut: (direction: 'both' | 'answers') => void;
  heal: (options?: { readonly reset?: boolean }) => void;
  close: () => Promise<void>;
}

// JavaScript without types, as the scripts are.
const script = new URL('../../scripts/chaos/relay.js', import.meta.url).href;

export const { startRelay } = (await import(script)) as {
  startRelay: (targetPort: number, options?: { readonly delayMs?: number }) => Promise<Relay>;
};
