import type { Report } from './report.js';

export interface ReportFormatOptions {
  /** Whether a format that can hold them gets the samples. */
  readonly samples: boolean;
  /** URI that tells whose subject codes these are, for a format that says so. */
  readonly subjectSystem?: string | undefined;
}

export interface ReportFormat {
  /** What it is, for people. */
  readonly words: string;
  /** What somebody who chooses should know, short. */
  readonly note: string;
  /** Name that a file of it has; the part behind the last dot is its suffix. */
  readonly file: string;
  readonly mediaType: string;
  /** The code of a format is loaded where it is made. */
  readonly make: (report: Report, options: ReportFormatOptions) => Promise<string>;
}

/**
 * The forms that a report can take. The command line has an option for each, and the page a download; a new form is a row
 * here and its maker.
 */
export const REPORT_FORMATS = {
  html: {
    words: 'page to print',
    note: 'to print: trace, result, limits',
    file: 'report.html',
    mediaType: 'text/html; charset=utf-8',
    make: async (report) => (await import('./html-report.js')).htmlReport(report),
  },
  fhir: {
    words: 'FHIR R4 bundle',
    note: 'HL7 FHIR R4',
    file: 'fhir.json',
    mediaType: 'application/fhir+json; charset=utf-8',
    make: async (report, options) => {
      const { fhirBundle } = await import('./fhir-bundle.js');
      return `${JSON.stringify(await fhirBundle(report, options), null, 1)}\n`;
    },
  },
  csv: {
    words: 'table of windows',
    note: 'a row for each window',
    file: 'windows.csv',
    mediaType: 'text/csv; charset=utf-8',
    make: async (report) => (await import('./windows-csv.js')).windowsCsv(report),
  },
} as const satisfies Record<string, ReportFormat>;

export type ReportFormatName = keyof typeof REPORT_FORMATS;

export const REPORT_FORMAT_NAMES = Object.keys(REPORT_FORMATS) as ReportFormatName[];

/** @returns the format whose files are called so */
export function reportFormatOf(file: string): ReportFormat | undefined {
  return Object.values(REPORT_FORMATS).find((format) => format.file === file);
}
