/** Every entry point, with its types. */

import * as client from 'temporal-gemini-files';
import * as gemini from 'temporal-gemini-files/gemini';
import * as nexus from 'temporal-gemini-files/nexus';
import * as handler from 'temporal-gemini-files/nexus/handler';
import * as testing from 'temporal-gemini-files/testing';
import * as worker from 'temporal-gemini-files/worker';
import * as workflow from 'temporal-gemini-files/workflow';

export const entryPoints: readonly object[] = [client, gemini, nexus, handler, testing, worker, workflow];
