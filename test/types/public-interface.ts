/**
 * What other programs compile against, for the compiler to check: nothing here runs. A line that fails is a change of
 * the public interface: put it into the change log, then here.
 */
import type { Observable, OperatorFunction, UnaryFunction } from 'rxjs';
import type * as lubdub from '../../src/index.js';

type Is<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Holds<T extends true> = T;
/** Public members of a class's objects, and what it is made of. */
type Class<C extends abstract new (...args: never[]) => unknown> = readonly [
  members: keyof InstanceType<C>,
  made: ConstructorParameters<C>,
];

export type Operators = [
  Holds<Is<typeof lubdub.decodePackets, () => OperatorFunction<Uint8Array, lubdub.Decoded>>>,
  Holds<Is<ReturnType<typeof lubdub.assembleSamples>, OperatorFunction<lubdub.Packet, lubdub.Sampled>>>,
  Holds<
    Is<
      typeof lubdub.decodeAscii,
      (options?: lubdub.AsciiWireOptions) => OperatorFunction<Uint8Array, lubdub.Sampled>
    >
  >,
  Holds<Is<typeof lubdub.decodeS16le, () => OperatorFunction<Uint8Array, lubdub.Sampled>>>,
  Holds<
    Is<
      typeof lubdub.streamSamples,
      () => OperatorFunction<lubdub.SourceStreamEvent, lubdub.DeviceStreamEvent>
    >
  >,
  Holds<
    Is<
      typeof lubdub.bandPass,
      (design: lubdub.BandPassDesign) => OperatorFunction<lubdub.Sampled, lubdub.Filtered>
    >
  >,
  Holds<
    Is<
      typeof lubdub.decimate,
      (options: lubdub.ResamplerOptions) => OperatorFunction<lubdub.Filtered, lubdub.Conditioned>
    >
  >,
  Holds<
    Is<
      typeof lubdub.slideWindows,
      (
        options: lubdub.SlideWindowsOptions,
      ) => OperatorFunction<lubdub.Conditioned, lubdub.HeartSoundWindow | lubdub.Gap>
    >
  >,
  Holds<
    Is<
      typeof lubdub.classifyWindows,
      (
        options: lubdub.ClassifyWindowsOptions,
      ) => OperatorFunction<lubdub.HeartSoundWindow | lubdub.Gap, lubdub.Classified>
    >
  >,
  Holds<Is<ReturnType<typeof lubdub.aggregateVerdict>, OperatorFunction<lubdub.Classified, lubdub.Judged>>>,
  Holds<
    Is<
      typeof lubdub.screenRecording,
      (
        options: lubdub.ScreeningOptions,
      ) => UnaryFunction<Observable<lubdub.Sampled>, Observable<lubdub.Judged>>
    >
  >,
];

export type Sources = [
  Holds<
    Is<typeof lubdub.openSerialPort, (options: lubdub.SerialPortOptions) => Observable<lubdub.PortEvent>>
  >,
  Holds<
    Is<
      typeof lubdub.openStethoscope,
      (options: lubdub.StethoscopeOptions) => Observable<lubdub.StethoscopeEvent>
    >
  >,
  Holds<Is<typeof lubdub.simulate, (options: lubdub.SimulateOptions) => Observable<lubdub.SimulatorEvent>>>,
  Holds<Is<ReturnType<typeof lubdub.listPorts>, Promise<lubdub.PortDescription[]>>>,
];

export type Functions = [
  Holds<Is<typeof lubdub.encodePacket, (packet: lubdub.Packet) => Uint8Array>>,
  Holds<
    Is<
      typeof lubdub.openRecording,
      (path: string, options?: lubdub.OpenRecordingOptions) => Promise<lubdub.RecordingFile>
    >
  >,
  Holds<Is<typeof lubdub.butterworthBandPass, (design: lubdub.BandPassDesign) => Float64Array>>,
  Holds<Is<typeof lubdub.readSignalQualityModel, (path?: URL | string) => lubdub.SignalQualityModel>>,
  Holds<
    Is<typeof lubdub.readHeartSoundNetwork, (path?: URL | string) => lubdub.HeartSoundsOptions['network']>
  >,
  Holds<Is<typeof lubdub.openModel, (contractPath: string) => Promise<lubdub.Model>>>,
  Holds<
    Is<
      Parameters<typeof lubdub.conditioningFor>,
      [contract: { readonly input: lubdub.Hearing }, sourceRateHz: number]
    >
  >,
  Holds<Is<keyof ReturnType<typeof lubdub.conditioningFor>, 'bandPass' | 'decimate'>>,
  Holds<Is<typeof lubdub.defaultModelPath, string>>,
  Holds<Is<typeof lubdub.openSession, (directory: string) => Promise<lubdub.StoredSession>>>,
  Holds<Is<typeof lubdub.listSessions, (root: string) => Promise<lubdub.SessionSummary[]>>>,
];

export type Classes = [
  Holds<Is<Class<typeof lubdub.PacketDecoder>, readonly ['counters' | 'push' | 'finish' | 'reset', []]>>,
  Holds<Is<Class<typeof lubdub.SosFilter>, readonly ['execute' | 'prime' | 'reset', [sos: Float64Array]]>>,
  Holds<
    Is<
      Class<typeof lubdub.RationalResampler>,
      readonly [
        'delaySeconds' | 'outputLength' | 'execute' | 'reset',
        [design: lubdub.ResamplerOptions | lubdub.PolyphaseTable],
      ]
    >
  >,
  Holds<
    Is<
      Class<typeof lubdub.SignalQuality>,
      readonly [
        'executeRaw' | 'executeConditioned' | 'window' | 'takeSounds' | 'reset',
        [options: lubdub.SignalQualityOptions],
      ]
    >
  >,
  Holds<
    Is<
      Class<typeof lubdub.LogFilterBank>,
      readonly ['frames' | 'execute' | 'window' | 'reset', [options: lubdub.LogFilterBankOptions]]
    >
  >,
  Holds<
    Is<
      Class<typeof lubdub.HeartRate>,
      readonly [
        'correlations' | 'push' | 'contextSeconds' | 'beat' | 'estimate' | 'reset',
        [model: lubdub.SignalQualityModel['heartRate']],
      ]
    >
  >,
  Holds<Is<Class<typeof lubdub.RecentHeartRate>, readonly ['push' | 'estimate' | 'reset', []]>>,
  Holds<Is<Class<typeof lubdub.RecordingHeartRate>, readonly ['push' | 'estimate' | 'reset', []]>>,
  Holds<
    Is<
      Class<typeof lubdub.HeartSounds>,
      readonly ['execute' | 'executeFrames' | 'finish' | 'reset', [options: lubdub.HeartSoundsOptions]]
    >
  >,
  Holds<Is<Class<typeof lubdub.HeartIntervals>, readonly ['push' | 'estimate' | 'endStretch' | 'reset', []]>>,
  Holds<
    Is<keyof lubdub.Classifier, 'model' | 'replacedThreads' | 'runtime' | 'threadCount' | 'score' | 'close'>
  >,
  Holds<Is<typeof lubdub.Classifier.open, (options: lubdub.ClassifierOptions) => Promise<lubdub.Classifier>>>,
  Holds<
    Is<
      Class<typeof lubdub.Backlog>,
      readonly ['comfortable' | 'size' | 'room' | 'onRoomAgain' | 'untilRoom', [comfortable: number]]
    >
  >,
  Holds<
    Is<
      keyof lubdub.RecordingVerdict,
      'windows' | 'droppedWindows' | 'quality' | 'heartRateBpm' | 'windowProbability' | 'push' | 'final'
    >
  >,
  Holds<Is<ReturnType<lubdub.StoredSession['sampled']>, AsyncGenerator<lubdub.Sampled, void, undefined>>>,
];

/** Whoever handles every kind by name compiles as long as none is added. */
export type Events = [
  Holds<Is<lubdub.PortEvent['kind'], 'open' | 'bytes'>>,
  Holds<Is<lubdub.Decoded['kind'], 'packet' | 'corrupt'>>,
  Holds<
    Is<
      lubdub.Packet['type'],
      | ('hello' | 'info' | 'start' | 'stop' | 'credit')
      | ('samples' | 'status' | 'stopped' | 'error' | 'unknown')
    >
  >,
  Holds<Is<lubdub.Sampled, lubdub.SampleChunk | lubdub.Gap>>,
  Holds<Is<lubdub.GapCause, 'lost' | 'overrun' | 'reconnect' | 'restart'>>,
  Holds<Is<lubdub.Filtered['kind'], 'filtered' | 'gap'>>,
  Holds<Is<lubdub.Conditioned['kind'], 'conditioned' | 'gap'>>,
  Holds<Is<lubdub.HeartSoundWindow['kind'], 'window'>>,
  Holds<Is<lubdub.HeartSoundWindow['heartRate'], lubdub.HeartRateEstimate | null>>,
  Holds<Is<lubdub.Classified['kind'], 'window' | 'gap'>>,
  Holds<Is<lubdub.Judged['kind'], 'window' | 'verdict' | 'gap' | 'outcome'>>,
  Holds<Is<lubdub.RecordingOutcome, Extract<lubdub.Judged, { kind: 'outcome' }>>>,
  Holds<Is<lubdub.VerdictState['verdict'], 'listening' | 'normal' | 'abnormal' | 'inconclusive'>>,
  Holds<
    Is<lubdub.StethoscopeEvent['kind'], 'search' | 'device' | 'connection' | 'packet' | 'corrupt' | 'ended'>
  >,
  Holds<
    Is<
      lubdub.DeviceStreamEvent['kind'],
      | ('samples' | 'gap' | 'search' | 'device' | 'connection')
      | ('ended' | 'status' | 'complaint' | 'joining-gaps' | 'line' | 'notice' | 'level')
    >
  >,
  Holds<
    Is<
      lubdub.SimulatorEvent['kind'],
      'device' | 'host' | 'unplugged' | 'started' | 'stopped' | 'fault' | 'wire'
    >
  >,
  Holds<Is<lubdub.HeartSound['sound'], 'S1' | 'S2'>>,
  Holds<
    Is<
      lubdub.CardiacIntervals,
      { readonly systoleSeconds: number; readonly diastoleSeconds: number; readonly beats: number }
    >
  >,
];

type Extends<A, B> = A extends B ? true : false;

export type Errors = [
  Holds<Extends<lubdub.LubdubError, Error & { readonly code: lubdub.LubdubErrorCode }>>,
  Holds<Extends<lubdub.PortOpenError, lubdub.PortError & { readonly reason: lubdub.PortOpenReason }>>,
  Holds<Extends<lubdub.NoAnswerError, lubdub.PortError & { readonly outcome: lubdub.PortOutcome }>>,
  Holds<Extends<lubdub.ConnectionLostError, lubdub.PortError & { readonly reason: lubdub.LossReason }>>,
];
