import { join } from 'node:path';
import { stateFolder } from '../package-info.js';
import { json, samples } from './common-options.js';
import {
  flag,
  option,
  required,
  withDefault,
  withSetting,
  type OptionValues,
} from './option-declarations.js';
import { integerIn, uri } from './option-values.js';

/* Options of what talks to other machines: a broker, the ward, a hospital's server. */

export const broker = {
  brokerCa: option('<file>', "certificate of the authority that signed the broker's (PEM)"),
  brokerCert: option('<file>', 'certificate of this bedside, for a broker that wants one (PEM)'),
  brokerKey: option('<file>', 'private key of --broker-cert (PEM)'),
  brokerLogin: option('<file>', 'file with one line "user:password"'),
};

export const fhirPushOptions = {
  json,
  server: required(option('<url>', 'base of a FHIR R4 server, such as https://fhir.example/r4')),
  subjectSystem: option(
    '<uri>',
    'whose subject codes these are, such as https://clinic.example/subjects; sessions with a subject need it',
    uri,
  ),
  samples,
  fhirToken: option('<file>', 'file that holds an OAuth bearer token and nothing else'),
  fhirCa: option('<file>', "certificate of the authority that signed the server's (PEM)"),
  outbox: option('<folder>', 'where bundles wait for the server; default ~/.local/state/lubdub/outbox'),
  wait: withSetting(flag('try again until the server has taken all'), 'fhir-wait'),
};

export const wardOptions = {
  json,
  broker: required(
    option('<url>', 'MQTT 5 broker that the bedsides publish to, such as mqtts://broker.example'),
  ),
  ...broker,
  store: withDefault(
    option('<place>', 'where results are kept: a file (SQLite), or postgres://...'),
    join(stateFolder(), 'ward.sqlite'),
    '~/.local/state/lubdub/ward.sqlite',
  ),
  name: option('<name>', 'of this ward program, where several run; default the name of this machine'),
  host: option('<address>', "address of the ward's page; any but this machine itself needs --token"),
  pagePort: option(
    '<n>',
    "port of the ward's page; default 4930 or the next that is free",
    integerIn(0, 65_535),
  ),
  token: option('<text>', "secret that opens the ward's page"),
};

export type BrokerOptions = OptionValues<typeof broker>;
export type FhirPushOptions = OptionValues<typeof fhirPushOptions>;
export type WardCommandOptions = OptionValues<typeof wardOptions>;
