/** The emulator in its process: its address, and what can be asked of it. */
import { startService } from './service.js';

/** @returns `{url, call}`; `call` rejects once the emulator is closed */
export const startEmulator = () => startService('emulator-process.js');
