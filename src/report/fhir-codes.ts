import type { CodeableConcept, Quantity } from './fhir-types.js';
import { siteName } from './report-words.js';

/**
 * Codes of other systems, only those whose meaning is exactly what is said. Where none is sure there is text alone:
 * the places on the chest are where valves are best heard and not the valves, so that the codes of valves are wrong.
 */

const SNOMED = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';

export const PHONOCARDIOGRAM: CodeableConcept = { text: 'Phonocardiogram' };
export const SCREENING: CodeableConcept = { text: 'Heart sound screening: normal or abnormal' };
export const JOINT_SCREENING: CodeableConcept = {
  text: 'Heart sound screening of several sites: normal or abnormal',
};

export const SCREENING_REPORT: CodeableConcept = { text: 'Report of a heart sound screening' };

/** Text alone: HL7's table of diagnostic services has electrocardiography and ultrasound, and none for heart sounds. */
export const REPORT_CATEGORY: CodeableConcept = { text: 'Heart sounds' };

export const HEART_RATE: CodeableConcept = {
  coding: [{ system: LOINC, code: '8867-4', display: 'Heart rate' }],
  text: 'Heart rate',
};

export const AUSCULTATION: CodeableConcept = {
  coding: [{ system: SNOMED, code: '37931006', display: 'Auscultation' }],
  text: 'Auscultation with a digital stethoscope',
};

export const ABNORMAL: CodeableConcept = {
  coding: [{ system: SNOMED, code: '123824001', display: 'Heart sounds abnormal' }],
  text: 'Heart sounds abnormal',
};

/** Text alone, for this is not the finding that heart sounds are normal: only that screening found nothing. */
export const NOT_ABNORMAL: CodeableConcept = { text: 'No abnormal heart sounds found by screening' };

const categories = { exam: 'Exam', 'vital-signs': 'Vital Signs' };

export const category = (code: keyof typeof categories): CodeableConcept => ({
  coding: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/observation-category',
      code,
      display: categories[code],
    },
  ],
  text: categories[code],
});

const interpretations = { A: 'Abnormal', N: 'Normal' };

export const interpretation = (code: keyof typeof interpretations): CodeableConcept => ({
  coding: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
      code,
      display: interpretations[code],
    },
  ],
  text: interpretations[code],
});

const absences = { unknown: 'Unknown', error: 'Error' };

/** @param code `unknown`: there is a value, but nobody knows it; `error`: something went wrong before it was there */
export const absent = (code: keyof typeof absences, text: string): CodeableConcept => ({
  coding: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
      code,
      display: absences[code],
    },
  ],
  text,
});

export const quantity = (value: number, unit: string, code: string): Quantity => ({
  value,
  unit,
  system: 'http://unitsofmeasure.org',
  code,
});

export const bodySite = (site: string | null): { bodySite?: CodeableConcept } =>
  site === null ? {} : { bodySite: { text: `${siteName(site)} of auscultation on the chest` } };
