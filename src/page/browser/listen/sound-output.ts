import { makeEngine, type Engine, type EngineCommand, type EngineOptions } from './engines.js';
import { ScheduledOutput } from './scheduled-output.js';

/** Why nothing can be heard, and what to do: a sentence for people. */
export class SoundRefusal extends Error {}

/** An engine that plays, wherever it runs. */
export interface SoundOutput {
  send(command: EngineCommand): void;
  close(): void;
  /** From the engine to the ear, as far as the browser knows. */
  readonly outputSeconds: number;
}

/** A browser that lets a page sound does so at once. */
const PATIENCE_MS = 2000;

let shared: AudioContext | undefined;
let users = 0;

/**
 * Begins to play. To be called from a person's tap or key: browsers let no page sound unasked.
 *
 * @throws SoundRefusal (rejection) where the browser does not play
 */
export async function openSound<Status extends Engine['status']>(
  options: EngineOptions,
  onStatus: (status: Status) => void,
): Promise<SoundOutput> {
  const { context, release } = await permitSound();
  try {
    const tell = (status: Engine['status']) => onStatus(status as Status);
    const output = (await workletOutput(context, options, tell)) ?? scheduled(context, options, tell);
    return {
      send: (command) => output.send(command),
      close() {
        output.close();
        release();
      },
      get outputSeconds() {
        return (context.baseLatency || 0) + (context.outputLatency || 0);
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Asks the browser whether this page may sound, which it answers best in the very call of a tap or a key.
 *
 * @returns with what to call once it is not needed any more
 * @throws SoundRefusal (rejection)
 */
export async function permitSound(): Promise<{
  readonly context: AudioContext;
  readonly release: () => void;
}> {
  if (typeof AudioContext === 'undefined') {
    throw new SoundRefusal('This browser cannot play sound. Use a current Chromium, Firefox or Safari.');
  }
  shared ??= new AudioContext({ latencyHint: 'interactive' });
  const context = shared;
  users++;
  try {
    await running(context);
    return { context, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** A context that nobody uses takes neither sound card nor processor. */
function release(): void {
  users--;
  if (users === 0) void shared?.suspend();
}

async function running(context: AudioContext): Promise<void> {
  const tooLate = new Promise<never>((_, reject) =>
    setTimeout(
      () =>
        reject(
          new SoundRefusal(
            'The browser does not let this page play sound. Allow it in the settings of the page (left of its address), ' +
              'check that a sound device is there, and press Listen again.',
          ),
        ),
      PATIENCE_MS,
    ),
  );
  await Promise.race([context.resume(), tooLate]);
}

type Playing = Pick<SoundOutput, 'send' | 'close'>;

/** @returns nothing where the browser has no audio worklet for this page, or it does not load */
async function workletOutput(
  context: AudioContext,
  processorOptions: EngineOptions,
  onStatus: (status: Engine['status']) => void,
): Promise<Playing | undefined> {
  const worklet = (context as { audioWorklet?: AudioWorklet }).audioWorklet;
  if (worklet === undefined) return undefined;
  let node: AudioWorkletNode | undefined;
  const close = (): void => {
    if (node === undefined) return;
    node.port.onmessage = null;
    node.port.postMessage('close');
    node.disconnect();
  };
  try {
    await worklet.addModule('/listen-worklet.js');
    const { port } = (node = new AudioWorkletNode(context, 'lubdub-listening', {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions,
    }));
    port.onmessage = ({ data }: MessageEvent<Engine['status']>) => onStatus(data);
    node.connect(context.destination);
    return { send: (command) => port.postMessage(command), close };
  } catch (error) {
    // Half an engine would speak for the one that takes its place.
    close();
    console.info('no audio worklet, sound is made in the page:', error);
    return undefined;
  }
}

function scheduled(
  context: AudioContext,
  options: EngineOptions,
  onStatus: (status: Engine['status']) => void,
): Playing {
  const engine = makeEngine(options, context.sampleRate);
  const output = new ScheduledOutput(context, engine, onStatus);
  return { send: (command) => engine.take(command), close: () => output.close() };
}
