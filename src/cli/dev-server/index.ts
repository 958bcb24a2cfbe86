export { attachDevServer, type AttachOptions, type DevServer } from './attach.js';
export { readDatabase, readDevServerStatus } from './server-record.js';
export { hasEmbeddedDatabase, stateDirectory } from './state-folder.js';
