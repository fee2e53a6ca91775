/**
 * lubdub as a library: the stages of the data's way as RxJS operators, and the plain classes beneath them. Screening
 * aid for research, not a diagnosis.
 *
 * @packageDocumentation
 */

// Failures: `instanceof` tells their kind, `code` is stable, the message has the remedy.
export {
  ConfigurationError,
  LubdubError,
  ModelError,
  PortError,
  ProtocolError,
  RecordingError,
  SessionError,
  type LubdubErrorCode,
} from './errors.js';
export { PortOpenError, type PortOpenReason } from './acquire/port-open-error.js';
export { ConnectionLostError, NoAnswerError } from './device/connection-error.js';
export type { LossReason, PortOutcome, StethoscopeEvent } from './device/stethoscope-event.js';

// Acquire and decode: bytes to samples.
export { openSerialPort, type PortEvent, type SerialPortOptions } from './acquire/serial-port.js';
export { listPorts, type PortDescription } from './acquire/list-ports.js';
export { decodePackets } from './decode/wire/decode-packets.js';
export { assembleSamples } from './decode/wire/assemble-samples.js';
export { decodeAscii } from './decode/wire/decode-ascii.js';
export type { AsciiWireOptions } from './decode/wire/ascii-wire.js';
export { decodeS16le } from './decode/wire/decode-s16le.js';
export { PacketDecoder, type Decoded } from './decode/wire/packet-decoder.js';
export { encodePacket, type Packet } from './decode/wire/packet.js';
export type { RecordingFile } from './decode/file/recording.js';
export { openRecording, type OpenRecordingOptions } from './decode/file/recording-file.js';
export type { Gap, GapCause, SampleChunk, Sampled, SourceFormat } from './decode/samples.js';

// A stethoscope that is found, kept and reconnected.
export { openStethoscope, type StethoscopeOptions } from './device/open-stethoscope.js';
export { streamSamples, type DeviceStreamEvent, type SourceStreamEvent } from './device/stream-samples.js';

// Condition: samples to the model's rate.
export { bandPass } from './condition/band-pass.js';
export { decimate } from './condition/decimate.js';
export { butterworthBandPass, type BandPassDesign } from './condition/butterworth.js';
export { SosFilter } from './condition/second-order-sections.js';
export { PolyphaseTable, type ResamplerOptions } from './condition/polyphase-table.js';
export { RationalResampler } from './condition/rational-resampler.js';
export type { Conditioned, ConditionedChunk, Filtered } from './condition/conditioned.js';

// Window: features and signal quality.
export { slideWindows, type SlideWindowsOptions } from './window/slide-windows.js';
export { SignalQuality, type SignalQualityOptions } from './window/signal-quality.js';
export { readSignalQualityModel, type SignalQualityModel } from './window/signal-quality-model.js';
export { LogFilterBank, type LogFilterBankOptions } from './window/log-filter-bank.js';
export { HeartRate, type HeartRateEstimate } from './heart/heart-rate.js';
export { RecordingHeartRate } from './heart/heart-rate-of-recording.js';
export { RecentHeartRate } from './heart/recent-heart-rate.js';
export { HeartSounds, type HeartSound, type HeartSoundsOptions } from './heart/heart-sounds.js';
export { readHeartSoundNetwork } from './heart/heart-sounds-model.js';
export { HeartIntervals, type CardiacIntervals } from './heart/heart-intervals.js';
export type { HeartSoundWindow, WindowQuality } from './window/window.js';

// Classify: windows to evidence.
export {
  classifyWindows,
  type Classified,
  type ClassifyWindowsOptions,
} from './classify/classify-windows.js';
export { Classifier, type ClassifierOptions } from './classify/classifier.js';
export { openModel, type Model } from './classify/model.js';
export { conditioningFor } from './classify/conditioning.js';
export type { Hearing, ModelContract } from './classify/model-contract.js';
export { Backlog } from './classify/backlog.js';

// Verdict: evidence to a rolling result.
export { aggregateVerdict, type Judged, type RecordingOutcome } from './verdict/aggregate-verdict.js';
export { RecordingVerdict, type VerdictState } from './verdict/recording-verdict.js';
export { calibrationFor } from './verdict/stethoscope-calibration.js';
export type { StethoscopeProfile } from './verdict/stethoscope-profile.js';

// The whole way.
export { screenRecording, type ScreeningOptions } from './screen/screen-recording.js';

export { defaultModelPath } from './package-info.js';

// Sessions on disk.
export { openSession, type StoredSession } from './record/stored-session.js';
export { listSessions, type SessionSummary } from './record/list-sessions.js';

// The other end of the wire, for tests of your own.
export { simulate, type SimulateOptions, type SimulatorEvent } from './simulate/simulate.js';
