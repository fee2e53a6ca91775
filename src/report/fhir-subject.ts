import type { Patient, Reference } from './fhir-types.js';
import { nameUuid } from './name-uuid.js';

const idOf = (subject: string): string => nameUuid(`subject/${subject}`);

/**
 * @param subject a pseudonymous code
 * @param system URI that tells whose codes these are; without one the code means something to its owner alone
 */
export function subjectPatient(subject: string, system: string | undefined): Patient {
  return {
    resourceType: 'Patient',
    id: idOf(subject),
    identifier: [
      {
        ...(system === undefined ? {} : { system }),
        type: { text: 'pseudonymous subject code' },
        value: subject,
      },
    ],
  };
}

/** Where there is no code the subject is there and nobody knows who. */
export function subjectReference(subject: string | null): Reference {
  if (subject === null) {
    return {
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
      ],
    };
  }
  return {
    reference: `urn:uuid:${idOf(subject)}`,
    type: 'Patient',
    identifier: { type: { text: 'pseudonymous subject code' }, value: subject },
  };
}
