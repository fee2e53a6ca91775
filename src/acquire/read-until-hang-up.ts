import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { SerialPort } from 'serialport';

/** What this file knows of the library's port below its stream, on Linux and macOS. */
interface UnixBinding {
  readonly fd: number | null;
  readonly poller?: { once(event: 'readable', callback: (error: Error | null) => void): unknown };
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
}

const readOnce = promisify(read);

/**
 * Lets a port notice every hang-up. The library takes a read of no bytes for a reason to read again at once, for ever:
 * a line that hangs up between two of its reads, as on a busy machine, was busily silent until a watchdog saw it.
 * An open port that does not block has nothing to read by `EAGAIN`; no bytes are the end.
 *
 * @param port open
 */
export function readUntilHangUp(port: SerialPort): void {
  const binding = port.port as unknown as UnixBinding | undefined;
  // Windows reads otherwise.
  if (binding?.poller === undefined) return;
  const { poller } = binding;
  binding.read = async (buffer, offset, length) => {
    for (;;) {
      if (binding.fd === null) throw closed();
      try {
        const { bytesRead } = await readOnce(binding.fd, buffer, offset, length, null);
        if (bytesRead > 0) return { buffer, bytesRead };
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EAGAIN' && code !== 'EINTR') throw error;
        // Closed while it read: the poller is gone, and asking it would end the process.
        if (binding.fd === null) throw closed();
        await new Promise<void>((resolve, reject) => {
          poller.once('readable', (failure) => (failure === null ? resolve() : reject(failure)));
        });
        continue;
      }
      throw new Error('the line hung up');
    }
  };
}

/** The stream above takes it for no fault. */
const closed = (): Error => Object.assign(new Error('the port is not open'), { canceled: true });
