export { attachDevServer, type AttachOptions, type DevServer } from './attach.js';
export { readDevServerStatus } from './server-record.js';
export { stateDirectory } from './state-folder.js';
