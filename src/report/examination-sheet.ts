import { html, type HtmlText } from './html-text.js';
import { recordingStrip } from './recording-figure.js';
import {
  correctedBox,
  foot,
  handwritten,
  limits,
  missingBox,
  subjectName,
  verdictBox,
  type SheetPlace,
} from './recording-sheet.js';
import { profileSentence } from './profile-words.js';
import type { Report, ReportedJoint } from './report.js';
import {
  becauseOf,
  correctionSentences,
  count,
  known,
  moment,
  percent,
  reasonPhrase,
  seconds,
  siteName,
  verdictOf,
  verdictSigns,
  verdictWords,
} from './report-words.js';
import type { ReportedRecording } from './reported-recording.js';
import type { SignalPicture } from './signal-picture.js';
import { simulatedMark } from './simulated-mark.js';

/** With more recordings than this the strips would not fit the page; each recording has a page of its own anyway. */
const MAX_STRIPS = 4;

const MAX_PROFILES = 2;

/** Several recordings of one subject on one printed page: each result, and what they say together. */
export function examinationSheet(
  report: Report,
  pictures: readonly SignalPicture[],
  { id, page }: SheetPlace,
): HtmlText {
  const { recordings, joint, noJoint, timeZone } = report;
  const corrections = recordings.flatMap((recording) => correctionSentences(recording, timeZone));
  const first = recordings[0];
  const lacking = recordings.filter(({ missing }) => missing.length > 0);
  return html`<article class="sheet" aria-labelledby="${id}-heading">
    <header class="head">
      <div>
        <p>Heart sound screening report</p>
        <h1 id="${id}-heading">${subjectName(first.subject)} · ${count(recordings.length, 'recording')}</h1>
      </div>
      <p class="right">
        Begun ${moment(first.startedAt, timeZone)}<br />last recording
        ${moment(recordings[recordings.length - 1].startedAt, timeZone)}
      </p>
    </header>
    ${simulatedMark(recordings)}
    ${joint === null ? verdictBox('none', html`<p>No joint result: ${noJoint}.</p>`) : jointBox(joint)}
    <table class="recordings">
      <caption>
        Recordings
      </caption>
      <thead>
        <tr>
          <th scope="col">Site</th>
          <th scope="col">Begun</th>
          <th scope="col">Result</th>
          <th scope="col">Probability of abnormal</th>
          <th scope="col">Usable signal</th>
          <th scope="col">Quality</th>
          <th scope="col">Beats a minute</th>
          <th scope="col">Lost samples</th>
        </tr>
      </thead>
      <tbody>
        ${recordings.map((recording) => recordingRow(recording, timeZone))}
      </tbody>
    </table>
    ${profiles()}
    ${recordings.length <= MAX_STRIPS && html`<div class="strips">${recordings.map(strip)}</div>`}
    ${correctedBox(corrections)} ${missingBox(lacking.map(({ name, missing }) => `${name}: ${missing[0]}`))}
    ${handwritten()} ${limits()} ${foot(report, `${first.name} and ${recordings.length - 1} more`, page)}
  </article>`;

  /** Each once: sites of one examination are mostly heard through one stethoscope. */
  function profiles(): HtmlText {
    const told = [...new Set(recordings.map((recording) => profileSentence(recording, timeZone)))];
    return html`<p class="profile">
      ${told.length <= MAX_PROFILES ? told.join(' ') : 'The stethoscope profiles differ; each recording’s page names its own.'}
    </p>`;
  }

  function strip(recording: ReportedRecording, i: number): HtmlText {
    return html`<section>
      <h2>
        ${siteName(recording.site)}, ${moment(recording.startedAt, timeZone)}:
        ${verdictWords[verdictOf(recording)]}
      </h2>
      ${recordingStrip(recording, pictures[i], `${id}-${i}`)}
    </section>`;
  }
}

function jointBox({
  verdict,
  probability,
  reasons,
  usableSeconds,
  recordings: joined,
  sites,
  rule,
}: ReportedJoint): HtmlText {
  const all = sites.map(
    ({ site, verdict: word, recordings }) =>
      `${siteName(site)}: ${verdictWords[word].toLowerCase()}${recordings > 1 ? ` (${recordings} recordings)` : ''}`,
  );
  return verdictBox(
    verdict,
    html`<p>
        <strong
          >Joint result of
          ${count(joined, 'recording')}${reasons.length === 0 ? '' : `: ${reasons.map(reasonPhrase).join('; ')}`}.</strong
        >
        Probability of abnormal ${percent(probability)} in ${seconds(usableSeconds)} of usable signal.
        ${all.join('; ')}
      </p>
      <p>${rule}</p>`,
  );
}

function recordingRow(recording: ReportedRecording, timeZone: string | undefined): HtmlText {
  const { final } = recording;
  const verdict = verdictOf(recording);
  const because = becauseOf(recording);
  return html`<tr>
    <th scope="row">
      ${siteName(recording.site)}${recording.site === recording.recorded.site ? null : ' (corrected)'}
    </th>
    <td>${moment(recording.startedAt, timeZone).slice(11, 19)}</td>
    <td>
      <strong><span aria-hidden="true">${verdictSigns[verdict]} </span>${verdictWords[verdict]}</strong>${
        because === '' ? null : `: ${because}`
      }
    </td>
    <td>
      ${final?.verdict === 'inconclusive' ? `no result (${percent(final.probability)})` : percent(final?.probability ?? null)}
    </td>
    <td>${(final?.usableSeconds ?? 0).toFixed(1)} of ${seconds(recording.durationSeconds)}</td>
    <td>${known(final?.quality, (quality) => quality.toFixed(2))}</td>
    <td>${known(final?.heartRateBpm, (bpm) => String(Math.round(bpm)))}</td>
    <td>${recording.lostSamples.toLocaleString('en-US')}</td>
  </tr>`;
}
