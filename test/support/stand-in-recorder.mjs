#!/usr/bin/env node
/*
 * Stands in for `arecord`: speaks its command line and its words, and plays raw samples from a file by the clock. What goes
 * wrong is said in the environment, STAND_IN=WORD:SECONDS, once for every start in turn, separated by commas.
 *
 *   play        nothing goes wrong; ends when the file ends, with status 1 as a card that is unplugged
 *   stall       nothing more comes, and it does not end
 *   deaf        as stall, and it does not hear SIGTERM
 *   die         ends with status 1
 *   overrun     ends as arecord --fatal-errors does where the card dropped samples
 *   slow/fast   goes on at half or double the rate
 *   flood       fills stderr with 50 MB of words, and goes on
 *   busy        cannot open the card
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';

const words = process.argv.slice(2);
const after = (name) => words[words.indexOf(name) + 1];
const {
  STAND_IN_FILE: file,
  STAND_IN_LOG: log,
  STAND_IN = 'play',
  STAND_IN_RATE = '[8000 48000]',
} = process.env;
const say = (text) => process.stderr.write(`${text}\n`);

if (words.includes('--dump-hw-params')) {
  if (STAND_IN === 'busy') {
    say('arecord: main:831: audio open error: Device or resource busy');
    process.exit(1);
  }
  say(`HW Params of device "${after('-D')}":\n--------------------`);
  say(
    `FORMAT:  S16_LE\nCHANNELS: ${process.env.STAND_IN_CHANNELS ?? '1'}\nRATE: ${STAND_IN_RATE}\n--------------------`,
  );
  process.exit(1);
}

appendFileSync(log, `${process.pid} ${words.join(' ')}\n`);
const starts = readFileSync(log, 'utf8').trim().split('\n').length;
const plans = STAND_IN.split(',');
const [what, when = '1'] = (plans[starts - 1] ?? plans.at(-1)).split(':');
const bytes = readFileSync(file);
const rate = Number(after('-r')) * Number(after('-c')) * 2;
// A card hears on while nobody listens: each start goes on where the clock is.
const positionFile = `${log}.begin`;
const startedAt = Date.now();
let begin = startedAt;
try {
  begin = Number(readFileSync(positionFile, 'utf8'));
} catch {
  writeFileSync(positionFile, String(begin));
}
const align = (count) => Math.floor(count / 4) * 4;
let sent = align(((startedAt - begin) / 1000) * rate);
const firstByte = sent;
let speed = 1;
let done = false;

if (what === 'deaf') process.on('SIGTERM', () => {});
process.stdout.on('error', () => process.exit(1));
const timer = setInterval(() => {
  const elapsed = (Date.now() - startedAt) / 1000;
  if (!done && elapsed >= Number(when) && what !== 'play') {
    done = true;
    switch (what) {
      case 'stall':
      case 'deaf':
        clearInterval(timer);
        setInterval(() => {}, 1000);
        return;
      case 'die':
        say('arecord: pcm_read:2221: read error: No such device');
        process.exit(1);
        return;
      case 'overrun':
        say('arecord: xrun:1664: fatal overrun: Broken pipe');
        process.exit(1);
        return;
      case 'slow':
        speed = 0.5;
        break;
      case 'fast':
        speed = 2;
        break;
      case 'flood':
        for (let i = 0; i < 50; i++) process.stderr.write('x'.repeat(1_000_000) + (i % 10 === 0 ? '\n' : ''));
        break;
    }
  }
  const before = Math.min(elapsed, Number(when));
  const due = Math.min(
    bytes.length,
    firstByte + align((done ? before + (elapsed - before) * speed : elapsed) * rate),
  );
  if (due > sent) process.stdout.write(bytes.subarray(sent, due));
  sent = Math.max(sent, due);
  if (sent >= bytes.length) {
    clearInterval(timer);
    say('arecord: pcm_read:2221: read error: No such device');
    process.exitCode = 1;
  }
}, 20);
