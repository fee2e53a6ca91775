import { recordingFigure } from './recording-figure.js';
import { html, type HtmlText } from './html-text.js';
import { falseAlarmsElsewhere, profileText } from './profile-words.js';
import type { Report } from './report.js';
import {
  becauseOf,
  correctionSentences,
  count,
  known,
  LIMITS_OF_USE,
  moment,
  percent,
  reasonPhrase,
  seconds,
  shortened,
  siteName,
  verdictOf,
  verdictSigns,
  verdictWords,
} from './report-words.js';
import type { ReportedDevice, ReportedRecording } from './reported-recording.js';
import type { SignalPicture } from './signal-picture.js';
import { simulatedMark } from './simulated-mark.js';
import { counts } from './spans.js';
import { rhythmLine } from '../screen/rhythm-words.js';
import { DISCLAIMER } from '../verdict/disclaimer.js';

/** A page has room for so many sentences of what is missing. */
const MAX_MISSING = 3;

export interface SheetPlace {
  /** Unique in the page. */
  readonly id: string;
  /** `2 of 4`. */
  readonly page: string;
}

/** Everything about one recording on one printed page. */
export function recordingSheet(
  report: Report,
  recording: ReportedRecording,
  picture: SignalPicture,
  { id, page }: SheetPlace,
): HtmlText {
  return html`<article class="sheet recording" aria-labelledby="${id}-heading">
    <header class="head">
      <div>
        <p>Heart sound screening report</p>
        <h1 id="${id}-heading">${subjectName(recording.subject)} · ${siteName(recording.site)}</h1>
      </div>
      <p class="right">
        Recorded ${moment(recording.startedAt, report.timeZone)}<br />${seconds(recording.durationSeconds)} at
        ${recording.sampleRateHz.toLocaleString('en-US')} Hz
      </p>
    </header>
    ${simulatedMark([recording])} ${verdictBox(verdictOf(recording), html`${evidence(recording)}`)}
    <figure>
      ${recordingFigure(recording, picture, id)}
      <figcaption>${legend(id)}</figcaption>
    </figure>
    <div class="columns">${measurements(recording)} ${origin(report, recording)}</div>
    ${correctedBox(afterwards(report, recording))} ${missingBox(recording.missing)}
    ${report.recordings.length === 1 && handwritten()} ${limits()} ${foot(report, recording.name, page)}
  </article>`;
}

export function verdictBox(verdict: ReturnType<typeof verdictOf>, evidence: HtmlText): HtmlText {
  return html`<section class="verdict ${verdict}">
    <p class="word">
      <span class="sign" aria-hidden="true">${verdictSigns[verdict]}</span>${verdictWords[verdict]}
    </p>
    <div>${evidence}</div>
    <p class="disclaimer">${DISCLAIMER}</p>
  </section>`;
}

/** What the verdict rests on, and why there is none. */
function evidence(recording: ReportedRecording): HtmlText {
  const { final } = recording;
  const because = becauseOf(recording);
  const sentence = because === '' ? null : html`<p>${because[0].toUpperCase()}${because.slice(1)}.</p>`;
  if (final === null) return html`${sentence}`;
  if (seconds(final.usableSeconds) === seconds(0)) {
    return html`${sentence}
      <p>No result can rest on it: no usable signal in ${seconds(final.durationSeconds)}.</p>`;
  }
  const from = `from ${seconds(final.usableSeconds)} of usable signal in ${seconds(final.durationSeconds)}`;
  const figures =
    final.verdict === 'inconclusive'
      ? html`<p>No result can rest on the model’s figure of ${percent(final.probability)}, ${from}.</p>`
      : html`<p>Probability of abnormal: ${percent(final.probability)}, ${from}.</p>`;
  const alarms =
    final.verdict === 'abnormal' && final.stethoscope === null ? falseAlarmsElsewhere(recording) : null;
  const caution = alarms === null ? null : html`<p>The stethoscope has no profile: ${alarms}.</p>`;
  return html`${sentence}${figures}${caution}`;
}

function measurements(recording: ReportedRecording): HtmlText {
  const { final, windows, lostSamples, sampleRateHz, gaps, droppedWindows } = recording;
  const lost =
    lostSamples === 0 && gaps.length === 0
      ? 'none'
      : `${count(lostSamples, 'sample')} (${(lostSamples / sampleRateHz).toFixed(2)} s) in ${count(gaps.length, 'gap')}`;
  return html`<table class="facts">
    <caption>
      Measurements
    </caption>
    <tbody>
      ${row(
        'Heart rate',
        known(final?.heartRateBpm, (bpm) => `${Math.round(bpm)} beats a minute`),
      )}
      ${row('Systole, diastole', intervalText(recording))}
      ${row('Rhythm', rhythmLine(recording.final?.rhythm ?? null))}
      ${row(
        'Signal quality',
        known(final?.quality, (quality) => `${quality.toFixed(2)} of 1`),
      )}
      ${row('Windows', windowText(recording))}
      ${row('Skipped windows', droppedWindows === 0 ? 'none' : `${droppedWindows}, the machine could not keep up`)}
      ${row('Lost samples', lost)}
    </tbody>
  </table>`;

  function windowText({ windows: all }: ReportedRecording): string {
    if (windows.length === 0) return 'none';
    const used = all.filter(counts).length;
    const causes = new Map<string, number>();
    for (const reason of all.filter((window) => !window.usable).flatMap(({ reasons }) => reasons)) {
      causes.set(reason, (causes.get(reason) ?? 0) + 1);
    }
    const main = [...causes].sort((a, b) => b[1] - a[1]).slice(0, 2);
    const why = main.map(([reason, times]) => `${times}: ${reasonPhrase(reason)}`).join('; ');
    return `${used} of ${all.length} count${why === '' ? '' : ` (not usable, ${why})`}`;
  }
}

function intervalText({ sounds, intervals }: ReportedRecording): string {
  if (sounds === null) return 'not measured';
  if (intervals === null) return 'not known: too few whole beats were heard';
  const { systoleMs, diastoleMs, beats } = intervals;
  return `${Math.round(systoleMs)} ms, ${Math.round(diastoleMs)} ms (median of ${count(beats, 'beat')})`;
}

function origin(report: Report, recording: ReportedRecording): HtmlText {
  const { device, model, lubdubVersion } = recording;
  const versions = [...new Set([lubdubVersion, report.lubdubVersion])];
  return html`<table class="facts">
    <caption>
      Device and software
    </caption>
    <tbody>
      ${row('Stethoscope', deviceText(device))}
      ${row('Stethoscope profile', profileText(recording, report.timeZone))}
      ${row('Model', `${shortened(model.name, 40)}${model.version === null ? '' : `, version ${shortened(model.version, 20)}`}`)}
      <tr>
        <th scope="row">Model SHA-256</th>
        <td class="hash">${model.sha256}</td>
      </tr>
      ${row('lubdub', versions.length === 1 ? versions[0] : `${lubdubVersion}, report by ${report.lubdubVersion}`)}
    </tbody>
  </table>`;
}

function deviceText(device: ReportedDevice | null): string {
  if (device === null) return 'none: not recorded from a device';
  const { serialNumber, firmware, path } = device;
  const identity =
    serialNumber === null
      ? // A port names a device poorly, but better than nothing.
        `no serial number, at ${shortened(path ?? 'an unknown port', 60)}`
      : `serial number ${shortened(serialNumber, 40)}`;
  return firmware === null ? identity : `${identity}, firmware ${shortened(firmware, 40)}`;
}

const row = (name: string, value: string): HtmlText =>
  html`<tr>
    <th scope="row">${name}</th>
    <td>${value}</td>
  </tr>`;

function legend(id: string): HtmlText {
  const sample = (className: string) =>
    html`<svg viewBox="0 0 28 11" aria-hidden="true">
      <g id="${id}-${className}-key">
        <style>
          #${id}-${className}-key rect {
            fill: url(#${id}-${className});
          }
        </style>
        <rect width="28" height="11" />
        <rect class="frame" style="fill:none" width="28" height="11" />
      </g>
    </svg>`;
  return html`<div class="legend">
    <span>${sample('unused')}not used for the result</span>
    <span>${sample('gap')}gap, samples were lost</span>
  </div>`;
}

/** What a person said after the recording. */
function afterwards({ timeZone }: Report, recording: ReportedRecording): string[] {
  const { note } = recording;
  return [...correctionSentences(recording, timeZone), ...(note === null ? [] : [`Note: ${note}`])];
}

export function correctedBox(sentences: readonly string[]): HtmlText | null {
  if (sentences.length === 0) return null;
  const rest = sentences.length - MAX_MISSING;
  return html`<section class="notice">
    <h2>Corrected or noted after the recording</h2>
    <ul>
      ${sentences.slice(0, MAX_MISSING).map((sentence) => html`<li>${shortened(sentence, 320)}</li>`)}
      ${rest > 0 && html`<li>and ${rest} more; each recording’s page lists its own</li>`}
    </ul>
  </section>`;
}

/** Room for what lubdub does not know and must not store. */
export function handwritten(): HtmlText {
  const names = ['Name', 'Date of birth', 'Examiner', 'Comment', 'Place, date', 'Signature'];
  return html`<section class="by-hand" aria-label="To be filled in by hand">
    ${names.map((name) => html`<p class="${name === 'Comment' && 'wide'}">${name}</p>`)}
  </section>`;
}

/** At most a few sentences; all of them are in the stored session. */
export function missingBox(missing: readonly string[]): HtmlText | null {
  if (missing.length === 0) return null;
  const rest = missing.length - MAX_MISSING;
  return html`<section class="notice">
    <h2>What is missing or was changed in the stored recording</h2>
    <ul>
      ${missing.slice(0, MAX_MISSING).map((sentence) => html`<li>${shortened(sentence, 180)}</li>`)}
      ${rest > 0 && html`<li>and ${rest} more; lubdub verify lists them</li>`}
    </ul>
  </section>`;
}

export function limits(): HtmlText {
  return html`<section class="limits">
    <h2>Limits of use</h2>
    <p><strong>${DISCLAIMER}</strong> ${LIMITS_OF_USE.join(' ')}</p>
  </section>`;
}

export function foot({ createdAt, lubdubVersion, timeZone }: Report, name: string, page: string): HtmlText {
  return html`<footer class="foot">
    <span>${shortened(name, 60)}</span>
    <span>made ${moment(createdAt.toISOString(), timeZone)} by lubdub ${lubdubVersion}</span>
    <span>page ${page}</span>
  </footer>`;
}

export const subjectName = (subject: string | null): string =>
  subject === null ? 'Subject not named' : `Subject ${subject}`;
