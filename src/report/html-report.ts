import { examinationSheet } from './examination-sheet.js';
import { html, HtmlText } from './html-text.js';
import { recordingSheet, subjectName } from './recording-sheet.js';
import type { Report } from './report.js';
import { REPORT_STYLE } from './report-style.js';
import { day, percent, reasonPhrase, siteName } from './report-words.js';
import type { ReportedRecording } from './reported-recording.js';
import { pictureSignal, type SignalPicture } from './signal-picture.js';
import { clearestSpan } from './spans.js';

const TRACE_COLUMNS = 1200;
const DETAIL_SECONDS = 6;
/** A longer table is no help on a screen either; the CSV has all. */
const MAX_ROWS = 600;

/**
 * A report to print and to keep: one self-contained HTML page without scripts, external resources or anything that
 * would run. Printed on A4 or Letter it takes one sheet a recording, and one before them where there are several.
 *
 * @throws SessionError where samples cannot be read
 */
export async function htmlReport(report: Report): Promise<string> {
  const { recordings } = report;
  const pictures: SignalPicture[] = [];
  const sheets: (HtmlText | null)[] = [];
  const pages = recordings.length === 1 ? 1 : recordings.length + 1;
  for (const [i, recording] of recordings.entries()) {
    const detail = clearestSpan(recording, DETAIL_SECONDS);
    const picture = await pictureSignal(recording.session, { columns: TRACE_COLUMNS, detail });
    pictures.push(picture);
    const place = { id: `r${i + 1}`, page: `${pages - recordings.length + i + 1} of ${pages}` };
    sheets.push(recordingSheet(report, recording, picture, place), windowTable(recording));
  }
  if (recordings.length > 1) {
    sheets.unshift(examinationSheet(report, pictures, { id: 'all', page: `1 of ${pages}` }));
  }
  const [{ subject, startedAt }] = recordings;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="lubdub ${report.lubdubVersion}" />
        <title>
          Heart sound screening report, ${subjectName(subject)}, ${day(startedAt, report.timeZone)}
        </title>
        <style>
          ${new HtmlText(REPORT_STYLE)}
        </style>
      </head>
      <body>
        <main>${sheets}</main>
      </body>
    </html> `;
  return page.text;
}

/** For the screen: every bar of the figure as a row. */
function windowTable(recording: ReportedRecording): HtmlText | null {
  const { windows } = recording;
  if (windows.length === 0) return null;
  const beyond = windows.length - MAX_ROWS;
  return html`<details class="windows">
    <summary>All windows of ${siteName(recording.site)} as a table</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">To</th>
          <th scope="col">Probability of abnormal</th>
          <th scope="col">Quality</th>
          <th scope="col">Counts</th>
        </tr>
      </thead>
      <tbody>
        ${windows.slice(0, MAX_ROWS).map(
          ({ startSeconds, endSeconds, probability, quality, usable, reasons, dropped }) =>
            html`<tr>
              <th scope="row">${startSeconds.toFixed(1)} s</th>
              <td>${endSeconds.toFixed(1)} s</td>
              <td>${percent(probability)}</td>
              <td>${quality === null ? 'not known' : quality.toFixed(2)}</td>
              <td>
                ${dropped !== null ? 'no: skipped' : usable ? 'yes' : `no: ${reasons.map(reasonPhrase).join('; ')}`}
              </td>
            </tr> `,
        )}
      </tbody>
    </table>
    ${beyond > 0 && html`<p>and ${beyond} more; the CSV of windows has all of them</p>`}
  </details>`;
}
