import { listPorts, type PortDescription } from '../acquire/list-ports.js';
import { listSimulatedPorts } from '../acquire/simulated-ports.js';
import type { KnownDevice } from './known-device.js';

/** Where to look for ports; those of this machine unless a test says otherwise. */
export interface PortLists {
  readonly listPorts?: () => Promise<readonly PortDescription[]>;
  readonly listSimulatedPorts?: () => readonly string[];
}

/** Ports to ask for a device, the likeliest first. */
export interface CandidatePorts {
  readonly paths: readonly string[];
  /** To be asked when nobody answers at `paths`: a simulator must not come before a real device that is slow. */
  readonly lastResort: readonly string[];
  /** What the system knows of them. */
  readonly descriptions: readonly PortDescription[];
}

/**
 * @param port a path, or `auto` for all ports.
 * @param known the device that was lost. Where the port was named, only that port and those of the same USB device are
 *   asked for it, so that no other device is sent bytes that nobody meant for it.
 */
export async function candidatePorts(
  port: string,
  known: KnownDevice | undefined,
  lists: PortLists,
): Promise<CandidatePorts> {
  const isAuto = port === 'auto';
  let descriptions: readonly PortDescription[] = [];
  try {
    descriptions = await (lists.listPorts ?? listPorts)();
  } catch (error) {
    if (isAuto) throw error;
  }
  const simulated = isAuto ? (lists.listSimulatedPorts ?? listSimulatedPorts)() : [];
  if (known === undefined) {
    const paths = isAuto ? descriptions.map((description) => description.path) : [port];
    return paths.length > 0
      ? { paths, lastResort: simulated, descriptions }
      : { paths: simulated, lastResort: [], descriptions };
  }
  const others = descriptions.filter(
    (description) => isAuto || (description.device !== port && known.isSameUsb(description)),
  );
  const paths = [known.path, ...others.map((description) => description.path), ...simulated];
  return { paths: [...new Set(paths)], lastResort: [], descriptions };
}
