#!/usr/bin/env node
import { runCli } from './program.js';
import { leave } from './terminal/exit-soon.js';

leave(await runCli(process.argv.slice(2)));
