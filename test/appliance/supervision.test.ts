import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { expect } from 'chai';
import { leaveReason, startSupervision } from '../../src/appliance/supervision.js';
import { packageDirectory } from '../../src/package-info.js';
import { inFolder } from '../support/sessions.js';

/** systemd's end of the socket: says who sent what. */
const LISTENER = `
import socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
print('listening', flush=True)
while True:
    data, ancillary, _, _ = s.recvmsg(4096, 1024)
    pid = struct.unpack('3i', ancillary[0][2])[0]
    print(pid, data.decode(), flush=True)
`;

describe('supervision by systemd', function () {
  it('is told by the process itself that it is ready, alive, and at its end', async function () {
    const hasLibrary =
      spawnSync('python3', ['-c', "import ctypes; ctypes.CDLL('libsystemd.so.0')"]).status === 0;
    if (!hasLibrary) {
      if (process.env.LUBDUB_REQUIRE_ALL !== undefined) throw new Error('needs Python 3 and libsystemd0');
      console.log('      SKIPPED: needs Linux with libsystemd0, and Python 3');
      this.skip();
    }
    await inFolder(async (folder) => {
      const socket = join(folder, 'notify');
      const listener = spawn('python3', ['-c', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines = createInterface({ input: listener.stdout })[Symbol.asyncIterator]();
      const next = async () => String((await lines.next()).value);
      try {
        expect(await next()).to.equal('listening');
        const main = join(packageDirectory, 'dist/src/present/main.js');
        const lubdub = spawn(process.execPath, [main, 'live', '--wait', '--page-port', '0'], {
          env: { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '600000', XDG_CONFIG_HOME: folder },
          stdio: 'ignore',
        });
        try {
          const heard: string[] = [];
          while (heard.filter((word) => word === 'WATCHDOG=1').length < 3) {
            const [pid, ...words] = (await next()).split(' ');
            expect(Number(pid)).to.equal(lubdub.pid);
            heard.push(words.join(' '));
          }
          expect(heard[0]).to.equal('READY=1');
          expect(heard).to.include('STATUS=idle');
          lubdub.kill('SIGTERM');
          const [[code]] = await Promise.all([once(lubdub, 'exit') as Promise<[number]>]);
          expect(code).to.equal(0);
          let last = '';
          while (!last.endsWith('STOPPING=1')) last = await next();
        } finally {
          lubdub.kill('SIGKILL');
        }
      } finally {
        listener.kill('SIGKILL');
      }
    });
  });

  it('is none where systemd did not start lubdub, or cannot be told', () => {
    const log: string[] = [];
    const never = () => {
      throw new Error('no such library');
    };
    expect(startSupervision((line) => log.push(line), {}, never)).to.equal(undefined);
    expect(log).to.deep.equal([]);
    const environment = { NOTIFY_SOCKET: '/run/systemd/notify' };
    expect(startSupervision((line) => log.push(line), environment, never)).to.equal(undefined);
    expect(log[0]).to.include('libsystemd0');
  });

  it('leaves why it ended, in one line, with who started it', () => {
    const said: string[] = [];
    const notify = () => (state: string) => said.push(state);
    leaveReason('wrong\r\nsetting', {}, notify);
    expect(said).to.deep.equal([]);
    leaveReason('wrong\r\nsetting', { NOTIFY_SOCKET: '/x' }, notify);
    expect(said).to.deep.equal(['STATUS=wrong setting']);
    // Whatever is wrong with the library, lubdub ends as it would.
    leaveReason('x', { NOTIFY_SOCKET: '/x' }, () => {
      throw new Error('no such library');
    });
  });

  it('keeps the watchdog of another process to that one', async () => {
    const said: string[] = [];
    const notify = () => (state: string) => said.push(state);
    const environment = { NOTIFY_SOCKET: '/x', WATCHDOG_USEC: '3000', WATCHDOG_PID: `${process.pid + 1}` };
    const supervision = startSupervision(() => undefined, environment, notify);
    await new Promise((resolve) => setTimeout(resolve, 50));
    supervision?.close();
    expect(said).to.deep.equal(['READY=1', 'STOPPING=1']);
  });
});
