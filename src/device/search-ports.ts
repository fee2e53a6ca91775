import { catchError, defer, NEVER, type Observable, switchMap, tap, throwError } from 'rxjs';
import type { PortEvent } from '../acquire/serial-port.js';
import { compatibleFlag } from '../decode/wire/packet-layout.js';
import { PortError } from '../errors.js';
import { candidatePorts, type CandidatePorts, type PortLists } from './candidate-ports.js';
import { findDevice } from './find-device.js';
import type { KnownDevice } from './known-device.js';
import type { SearchEvent } from './stethoscope-event.js';
import { talkToDevice, type TalkEvent } from './talk-to-device.js';

/** How a receiver that can take more than real time says so. */
export interface CreditOptions {
  /** How many samples beyond those received the receiver could take now. Called often. */
  readonly availableSamples: () => number;
  /** Tells that there is room again, so that the device need not wait for the next look (50 ms). */
  readonly roomAgain$?: Observable<unknown>;
}

export interface SearchOptions extends PortLists {
  readonly port: string;
  readonly serialNumber: string | undefined;
  readonly handshakeTimeoutMs: number;
  readonly silenceTimeoutMs: number;
  readonly stop$: Observable<unknown>;
  readonly credit: CreditOptions | undefined;
  readonly openPort: (path: string) => Observable<PortEvent>;
}

/** What an earlier connection left behind. */
export interface LostConnection {
  readonly device: KnownDevice;
  /** uint32, index after the newest sample. */
  readonly nextSample: number;
}

/**
 * One search, and the talk with the device that it found.
 *
 * @param lost the connection that is to be taken up again, undefined for a new one.
 * @param onCandidates told the ports that are asked, as what the system knows of them serves to know a device again.
 */
export function searchPorts(
  options: SearchOptions,
  lost: LostConnection | undefined,
  onCandidates: (candidates: CandidatePorts) => void,
): Observable<SearchEvent | TalkEvent> {
  const search = (
    candidates: CandidatePorts,
    paths: readonly string[],
  ): Observable<SearchEvent | TalkEvent> =>
    findDevice({
      paths,
      reject: ({ info, path }) => {
        if (lost !== undefined) {
          return lost.device.reject(
            info,
            path,
            candidates.descriptions.find((description) => description.path === path),
          );
        }
        const wanted = options.serialNumber;
        if (wanted === undefined || wanted === info.serialNumber) return undefined;
        return `stethoscope ${info.serialNumber || 'without a serial number'} answers, but ${wanted} is asked for`;
      },
      talk: (path, begin$) =>
        talkToDevice({
          path,
          openPort: options.openPort,
          handshakeTimeoutMs: options.handshakeTimeoutMs,
          begin$,
          stop$: options.stop$,
          roomAgain$: options.credit?.roomAgain$ ?? NEVER,
          streamOptions: ({ compatibleFlags }) => ({
            afresh: lost === undefined,
            silenceTimeoutMs: options.silenceTimeoutMs,
            ...(lost !== undefined && { nextSample: lost.nextSample }),
            availableSamples:
              (compatibleFlags & compatibleFlag.waitsForCredit) === 0
                ? undefined
                : options.credit?.availableSamples,
          }),
        }),
    });

  return defer(() => candidatePorts(options.port, lost?.device, options)).pipe(
    switchMap((candidates) => {
      onCandidates(candidates);
      const { paths, lastResort } = candidates;
      const found$ = search(candidates, paths);
      if (lastResort.length === 0) return found$;
      let talking = false;
      return found$.pipe(
        catchError((error: unknown) =>
          // A stethoscope that does not fit is not passed over for a simulated one.
          talking || !(error instanceof PortError) ? throwError(() => error) : search(candidates, lastResort),
        ),
        tap((event) => (talking ||= event.kind === 'greeted')),
      );
    }),
  );
}
