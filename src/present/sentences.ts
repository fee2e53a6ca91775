import { percent, reasonSentence, seconds } from '../verdict/verdict-words.js';
import { withPrintableText } from '../printable.js';
import { rhythmFindings } from '../screen/rhythm-words.js';
import type { ProgramEvent } from './program-events.js';
import type { SimulatorNoteEvent } from './program-events.js';
import type { ExaminationEvent, FinalEvent, VerdictEvent } from '../screen/result-events.js';

/** Events in words that a nurse can act on. */

export function verdictSentence(event: VerdictEvent | FinalEvent | ExaminationEvent): string {
  const { verdict, reasons } = event;
  const because = reasons.length === 0 ? '' : `: ${reasons.map(reasonSentence).join('; ')}`;
  return `${verdict.toUpperCase()}${because} (${figuresSentence(event)})`;
}

/** What was heard in noise alone says nothing of the heart: no probability without a tenth of a second that counts. */
export function figuresSentence({
  probability,
  usableSeconds,
}: Pick<VerdictEvent, 'probability' | 'usableSeconds'>): string {
  const usable = `${seconds(usableSeconds)} usable`;
  return usable === `${seconds(0)} usable`
    ? usable
    : `probability of abnormal ${percent(probability)}, ${usable}`;
}

/** One line a person can read for each event, `undefined` for what is of no interest by itself. */
export function eventSentence(event: ProgramEvent): string | undefined {
  return sentenceOf(withPrintableText(event));
}

function sentenceOf(event: ProgramEvent): string | undefined {
  switch (event.kind) {
    case 'device': {
      const firmware = event.firmware === null ? '' : `, firmware ${event.firmware}`;
      const serial = event.serialNumber === null ? '' : `, serial number ${event.serialNumber}`;
      const profile =
        event.stethoscope === undefined
          ? ''
          : event.stethoscope === null
            ? ', unknown: no profile'
            : `, profile ${event.stethoscope.name}`;
      const what = event.simulated === true ? 'SIMULATED stethoscope' : 'stethoscope';
      return `${what} at ${event.path}: ${event.sampleRateHz} Hz${firmware}${serial}${profile}`;
    }
    case 'window': {
      const span = `${seconds(event.startSeconds)}–${seconds(event.endSeconds)}`;
      if (event.dropped !== null) return `window ${event.index}  ${span}  skipped (${event.dropped})`;
      const usable = event.usable ? '' : `  not usable: ${event.reasons.map(reasonSentence).join('; ')}`;
      return (
        `window ${event.index}  ${span}  abnormal ${percent(event.probability)}  ` +
        `quality ${event.quality.toFixed(2)}${usable}`
      );
    }
    case 'gap':
      return `gap: ${event.lostSamples} samples lost at sample ${event.atSample} (${event.cause})`;
    case 'verdict':
      return `so far: ${verdictSentence(event)}`;
    case 'final': {
      const loss = event.lostSamples === 0 ? 'no sample lost' : `${event.lostSamples} samples lost`;
      const dropped = event.droppedWindows === 0 ? '' : `, ${event.droppedWindows} windows not scored`;
      const rate = event.heartRateBpm === null ? '' : `, ${Math.round(event.heartRateBpm)} beats a minute`;
      const profile = event.stethoscope === null ? '' : `, stethoscope ${event.stethoscope.name}`;
      const codec =
        (event.lossyCodec ?? null) === null ? '' : `, through the lossy codec ${event.lossyCodec}`;
      const { rhythm: noticed = null } = event;
      const findings = noticed === null ? [] : rhythmFindings(noticed);
      const rhythm =
        findings.length === 0 ? '' : `; rhythm, a notice and no diagnosis: ${findings.join('; ')}`;
      return (
        `${event.file}: ${verdictSentence(event)} [${seconds(event.durationSeconds)}, quality ` +
        `${event.quality === null ? '–' : event.quality.toFixed(2)}${rate}, ${loss}${dropped}${profile}${codec}]${rhythm}`
      );
    }
    case 'examination':
      return `examination of ${event.recordings} recordings: ${verdictSentence(event)}`;
    case 'rhythm':
    case 'notice':
      return `${event.file}: ${event.message}`;
    case 'connection':
    case 'recording':
    case 'publish':
    case 'fhir':
    case 'ward':
      return event.message;
    case 'status':
    case 'level':
      return undefined;
    case 'search': {
      const others = event.ports.filter(({ path }) => path !== event.chosen);
      return others.length === 0
        ? undefined
        : others.map(({ path, message }) => `${path}: ${message}`).join('\n');
    }
    case 'line': {
      const parts = [
        [event.missingPackets, 'packets missing'],
        [event.corruptPackets, 'corrupt'],
        [event.duplicatePackets, 'duplicate'],
        [event.latePackets, 'late'],
        [event.restarts, 'restarts'],
        [event.joinedGaps, 'gaps joined with others'],
        [event.setAsideSamples, 'samples between them counted as lost'],
        [event.leftOutStatuses, 'statuses not told'],
      ] as const;
      const troubles = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
      const drift = event.clockDriftPpm === null ? '' : `, clock ${event.clockDriftPpm.toFixed(0)} ppm off`;
      // A source of nothing but samples has none.
      if (event.packets === 0) return `line: samples without packets${drift}`;
      return `line: ${event.packets} packets${troubles.length === 0 ? ', all well' : `, ${troubles.join(', ')}`}${drift}`;
    }
    case 'port': {
      const usb = event.vendorId === null ? '' : `, USB ${event.vendorId}:${event.productId ?? '????'}`;
      const maker = event.manufacturer === null ? '' : `, ${event.manufacturer}`;
      return `${event.path}${event.path === event.device ? '' : ` (${event.device})`}${maker}${usb}`;
    }
    case 'sound-card': {
      const usb = event.usbId === null ? '' : `, USB ${event.usbId}`;
      const rates = event.ratesHz === null ? '' : `, ${event.ratesHz.join(', ')} Hz`;
      const used = event.usedBy === null ? '' : `, in use by process ${event.usedBy}`;
      const refused = event.isPermitted ? '' : ', no permission (group audio)';
      return `sound card ${event.number}: ${event.name} (${event.byId ?? event.path})${usb}${rates}${used}${refused}`;
    }
    case 'stethoscope': {
      const { name, persons, recordings, usableSeconds, offset, model, path, device } = event;
      const identity = device === null ? '' : `, of ${device.serialNumber ?? device.usbId}`;
      const direction = offset < 0 ? 'stronger' : 'weaker';
      return (
        `${name}${identity}: ${persons} healthy people, ${recordings} recordings, ${seconds(usableSeconds)} usable; ` +
        `abnormal needs evidence ${Math.abs(offset).toFixed(2)} logits ${direction} than on an unknown stethoscope; ` +
        `for ${model.name} ${model.version}; ${path}`
      );
    }
    case 'session': {
      const length = event.durationSeconds === null ? '' : `, ${seconds(event.durationSeconds)}`;
      const subject = event.subject === null ? '' : `, subject ${event.subject}`;
      const verdict = event.verdict === null ? 'no verdict' : event.verdict.toUpperCase();
      const trouble = event.message === null ? '' : `: ${event.message}`;
      return `${event.directory}  ${verdict}${length}${subject}, ${event.state}${trouble}`;
    }
    case 'verification': {
      const damage = event.damage.map(({ file, message }) => `  ${file}: ${message}`);
      const differences = event.differences.slice(0, 10).map(({ where, field, stored, recomputed }) => {
        const from = JSON.stringify(stored) ?? 'nothing';
        const to = JSON.stringify(recomputed) ?? 'nothing';
        return `  ${where}: ${field} was ${from}, is ${to}`;
      });
      const notes = event.notes.map((note) => `  ${note}`);
      const heading = `${event.directory}: ${event.outcome.toUpperCase()} (${event.comparedWindows} windows compared)`;
      return [heading, ...damage, ...differences, ...notes].join('\n');
    }
    case 'recovery': {
      const done = event.done.length === 0 ? ['nothing to mend'] : event.done;
      const damage = event.damage.map(({ file, message }) => `${file}: ${message}`);
      return [`${event.directory}:`, ...done, ...damage].join('\n  ');
    }
    case 'simulator':
      return simulatorSentence(event.event);
    case 'check':
      return `${event.passed ? 'ok    ' : 'FAILED'} ${event.name}: ${event.message}`;
    case 'error':
      return `error: ${event.message}`;
  }
}

function simulatorSentence(event: SimulatorNoteEvent['event']): string {
  switch (event.kind) {
    case 'host':
      return event.state === 'arrived' ? 'somebody opened the port' : 'the port was closed';
    case 'unplugged':
      return 'unplugged';
    case 'started':
      return `streaming from sample ${event.atSample}`;
    case 'stopped':
      return `stopped at sample ${event.atSample} (${event.reason})`;
    case 'fault':
      return `fault at sample ${event.atSample}: ${JSON.stringify(event.fault)}`;
    case 'wire': {
      const { kind, ...counters } = event;
      return `${kind}: ${JSON.stringify(counters)}`;
    }
  }
}
