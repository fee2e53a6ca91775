#!/usr/bin/env node
/*
 * Stands in for `aplay`: notes its command line, and what it reads goes to a file. PLAYER says what goes wrong:
 *
 *   play        nothing does
 *   stall       reads nothing from the beginning on, and does not end
 *   die         ends with status 1 and aplay's words for a device that is in use
 */
import { appendFileSync, createWriteStream } from 'node:fs';
import { setInterval } from 'node:timers';

const { PLAYER = 'play', PLAYER_LOG: log, PLAYER_FILE: file } = process.env;
appendFileSync(log, `${process.pid} ${process.argv.slice(2).join(' ')}\n`);
switch (PLAYER) {
  case 'stall':
    setInterval(() => {}, 1000);
    break;
  case 'die':
    process.stderr.write('aplay: main:831: audio open error: Device or resource busy\n');
    process.exitCode = 1;
    break;
  default:
    process.stdin.pipe(createWriteStream(file));
}
