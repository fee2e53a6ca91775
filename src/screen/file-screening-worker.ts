import { parentPort, workerData } from 'node:worker_threads';
import { loadLiteRtModel } from '../classify/litert.js';
import { openModel } from '../classify/model.js';
import { checkFeatures, checkTensors } from '../classify/runtime.js';
import type { ThreadReply, ThreadRequest } from '../classify/request-thread.js';
import { LubdubError } from '../errors.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import { readSignalQualityModel } from '../window/signal-quality-model.js';
import { screenFile } from './screen-file.js';
import { Screener } from './screener.js';
import type { ScreeningEvent } from './screening-events.js';
import { errorEvent } from './event-of.js';

/** What the worker is started with. */
export interface FileScreeningStart {
  readonly modelPath: string;
  readonly stethoscope: StethoscopeProfile | null;
}

/** A file's events, `final` or `error` last. */
export type FileScreeningReply = ThreadReply<null, ScreeningEvent[]>;

const port = parentPort;
if (port === null) throw new Error('file-screening-worker runs in a worker thread');

const reply = (message: FileScreeningReply): void => port.postMessage(message);

try {
  const { modelPath, stethoscope } = workerData as FileScreeningStart;
  const screener = await openScreener(modelPath);
  let last: Promise<unknown> = Promise.resolve();
  port.on('message', ({ id, request: path }: ThreadRequest<string>) => {
    last = last.then(async () => {
      const events: ScreeningEvent[] = [];
      try {
        await screenFile(path, screener, (event) => events.push(event), { stethoscope });
      } catch (error) {
        // A runtime that trapped is spoilt: the thread ends, another one tries the file again.
        if (!(error instanceof LubdubError) || error.code === 'LUBDUB_RUNTIME') throw error;
        events.push(errorEvent(error, path));
      }
      reply({ kind: 'reply', id, reply: events });
    });
  });
  reply({ kind: 'ready', ready: null });
} catch (error) {
  const code = error instanceof LubdubError ? error.code : 'LUBDUB_INTERNAL';
  reply({ kind: 'failed', code, message: (error as Error).message });
  port.close();
}

/** The model runs in this thread, beside the stages before it: no window has to travel. */
async function openScreener(modelPath: string): Promise<Screener> {
  const model = await openModel(modelPath);
  const runtime = await loadLiteRtModel(model.bytes);
  checkTensors(model, runtime.tensors);
  const scorer = {
    model,
    threadCount: 1,
    async score(features: Float32Array): Promise<number> {
      checkFeatures(model, features);
      return (await runtime.run(features))[0];
    },
    close: () => Promise.resolve(),
  };
  return new Screener(scorer, readSignalQualityModel());
}
