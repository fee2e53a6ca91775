#!/usr/bin/env node
import { runCommandLine } from './command-line.js';
import { watchStandardStreams } from './standard-output.js';

watchStandardStreams();
process.exitCode = await runCommandLine(process.argv.slice(2));
