#!/usr/bin/env node
import { optimiseSooner } from './optimise-sooner.js';
import { keepYoungGenerationSmall } from './small-young-generation.js';

// Before the rest is loaded, which is what makes it grow.
if (process.argv[2] === 'live') {
  keepYoungGenerationSmall();
  optimiseSooner();
}
const { runCommandLine } = await import('./command-line.js');
const { watchStandardStreams } = await import('./standard-output.js');

watchStandardStreams();
process.exitCode = await runCommandLine(process.argv.slice(2));
