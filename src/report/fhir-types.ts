/** The part of FHIR R4 (4.0.1) that a report uses. The published schema is what the tests hold bundles against. */

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display: string;
}

export interface CodeableConcept {
  readonly coding?: readonly Coding[];
  readonly text: string;
}

export interface Quantity {
  readonly value: number;
  readonly unit: string;
  readonly system: 'http://unitsofmeasure.org';
  readonly code: string;
}

export interface Reference {
  readonly reference?: string;
  readonly type?: 'Patient' | 'Device' | 'Observation' | 'DiagnosticReport';
  readonly identifier?: Identifier;
  readonly display?: string;
  readonly extension?: readonly { readonly url: string; readonly valueCode: string }[];
}

export interface Identifier {
  /** A URI: whose numbers or codes these are. */
  readonly system?: string;
  readonly type?: { readonly text: string };
  readonly value: string;
}

export interface SampledData {
  readonly origin: Quantity;
  /** Milliseconds from one sample to the next. */
  readonly period: number;
  /** What a number in `data` is multiplied by. */
  readonly factor: number;
  readonly dimensions: 1;
  /** Numbers with a space between; `E` where there is none. */
  readonly data: string;
}

/** What servers and people tell a resource by; it says nothing of what is observed. */
export interface Meta {
  readonly tag: readonly Coding[];
}

interface Value {
  readonly valueQuantity?: Quantity;
  readonly valueCodeableConcept?: CodeableConcept;
  readonly valueString?: string;
  readonly valueInteger?: number;
  readonly valueDateTime?: string;
  readonly valueSampledData?: SampledData;
  readonly dataAbsentReason?: CodeableConcept;
}

export interface ObservationComponent extends Value {
  readonly code: CodeableConcept;
}

export interface Observation extends Value {
  readonly resourceType: 'Observation';
  readonly id: string;
  readonly identifier?: readonly Identifier[];
  readonly meta?: Meta;
  readonly status: 'preliminary';
  readonly category: readonly CodeableConcept[];
  readonly code: CodeableConcept;
  readonly subject: Reference;
  readonly effectivePeriod: { readonly start: string; readonly end: string };
  readonly interpretation?: readonly CodeableConcept[];
  readonly note?: readonly { readonly text: string }[];
  readonly bodySite?: CodeableConcept;
  readonly method?: CodeableConcept;
  readonly device?: Reference;
  readonly hasMember?: readonly Reference[];
  readonly derivedFrom?: readonly Reference[];
  readonly component?: readonly ObservationComponent[];
}

export interface Device {
  readonly resourceType: 'Device';
  readonly id: string;
  readonly meta?: Meta;
  readonly identifier?: readonly Identifier[];
  readonly serialNumber?: string;
  readonly deviceName: readonly {
    readonly name: string;
    readonly type: 'user-friendly-name' | 'model-name';
  }[];
  readonly type: CodeableConcept;
  readonly version?: readonly { readonly type: { readonly text: string }; readonly value: string }[];
  readonly note?: readonly { readonly text: string }[];
}

/** A code and nothing else of a person. */
export interface Patient {
  readonly resourceType: 'Patient';
  readonly id: string;
  readonly meta?: Meta;
  readonly identifier: readonly Identifier[];
}

export interface DiagnosticReport {
  readonly resourceType: 'DiagnosticReport';
  readonly id: string;
  readonly meta?: Meta;
  readonly identifier?: readonly Identifier[];
  readonly status: 'preliminary';
  readonly category: readonly CodeableConcept[];
  readonly code: CodeableConcept;
  readonly subject: Reference;
  readonly effectivePeriod: { readonly start: string; readonly end: string };
  readonly issued: string;
  readonly result: readonly Reference[];
  readonly conclusion: string;
}

export type Resource = Observation | Device | Patient | DiagnosticReport;

export interface BundleEntry {
  readonly fullUrl: string;
  readonly resource: Resource;
  /** Only of a transaction: create it, unless a resource with this identifier is there. */
  readonly request?: { readonly method: 'POST'; readonly url: string; readonly ifNoneExist: string };
}

export interface Bundle {
  readonly resourceType: 'Bundle';
  readonly type: 'collection' | 'transaction';
  readonly meta?: Meta;
  readonly timestamp: string;
  readonly entry: readonly BundleEntry[];
}
