#!/usr/bin/env node
import { runCli } from './program.js';
import { exitSoon } from './terminal/exit-soon.js';

exitSoon(await runCli(process.argv.slice(2)));
