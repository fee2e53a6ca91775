#!/usr/bin/env node
import { keepYoungGenerationSmall } from './small-young-generation.js';
import { optimiseLater, optimiseSooner } from './when-to-optimise.js';

// Before the rest is loaded, which is what makes it grow.
if (process.argv[2] === 'live') {
  keepYoungGenerationSmall();
  optimiseSooner();
} else if (process.argv[2] === 'classify') {
  optimiseLater();
}
const { runCommandLine } = await import('./command-line.js');
const { watchStandardStreams } = await import('./standard-output.js');

watchStandardStreams();
process.exitCode = await runCommandLine(process.argv.slice(2));
