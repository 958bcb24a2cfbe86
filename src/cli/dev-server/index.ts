export { attachDevServer, type AttachOptions, type DevServer } from './attach.js';
export { readDevServerStatus, type DevServerStatus } from './server-record.js';
export { stateDirectory } from './state-folder.js';
