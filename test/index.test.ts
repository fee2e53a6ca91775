import { expect } from 'chai';
import * as lubdub from '../src/index.js';

const OPERATORS = [
  'aggregateVerdict',
  'assembleSamples',
  'bandPass',
  'classifyWindows',
  'decimate',
  'decodeAscii',
  'decodePackets',
  'decodeS16le',
  'screenRecording',
  'slideWindows',
  'streamSamples',
];
const FUNCTIONS = [
  'butterworthBandPass',
  'calibrationFor',
  'conditioningFor',
  'encodePacket',
  'listPorts',
  'listSessions',
  'openModel',
  'openRecording',
  'openSerialPort',
  'openSession',
  'openStethoscope',
  'readHeartSoundNetwork',
  'readSignalQualityModel',
  'simulate',
];
const CLASSES = [
  'Backlog',
  'Classifier',
  'HeartIntervals',
  'HeartRate',
  'HeartSounds',
  'LogFilterBank',
  'PacketDecoder',
  'PolyphaseTable',
  'RationalResampler',
  'RecentHeartRate',
  'RecordingHeartRate',
  'RecordingVerdict',
  'SignalQuality',
  'SosFilter',
];
const ERRORS = [
  'ConfigurationError',
  'ConnectionLostError',
  'LubdubError',
  'ModelError',
  'NoAnswerError',
  'PortError',
  'PortOpenError',
  'ProtocolError',
  'RecordingError',
  'SessionError',
];

describe('the library', () => {
  it('exports what is listed here and nothing else', () => {
    const listed = [...OPERATORS, ...FUNCTIONS, ...CLASSES, ...ERRORS, 'defaultModelPath'];
    expect(Object.keys(lubdub).sort()).to.deep.equal(listed.sort());
  });

  it('throws errors that can be told apart by the classes it exports', () => {
    expect(() => lubdub.openSerialPort({ path: '' })).to.throw(lubdub.ConfigurationError);
    expect(() => lubdub.readSignalQualityModel('nowhere.json')).to.throw(lubdub.ModelError);
    for (const name of ERRORS) {
      const { prototype } = lubdub[name as keyof typeof lubdub] as unknown as { prototype: unknown };
      expect(name === 'LubdubError' || prototype instanceof lubdub.LubdubError, name).to.equal(true);
    }
  });
});
