import {
  CONFIGURATION_HOME,
  ENVIRONMENT_FILE,
  KIOSK_USER,
  PROFILES_FOLDER,
  SERVICE_PORT,
  SERVICE_UNIT,
  SERVICE_USER,
  STATE_HOME,
} from './layout.js';

/** What the service runs. */
export interface Program {
  /** Full path of Node. */
  readonly node: string;
  /** Full path of lubdub's main file. */
  readonly main: string;
}

const WRITTEN = `# Written by \`lubdub service install\`, which writes it anew. Put changes into a drop-in: systemctl edit`;

/** From this version on systemd lets the pause between two starts grow. */
export const GROWING_DELAY_SYSTEMD = 254;

/** A crash that comes again and again is tried for ever, at first after 2 s, at last every 2 minutes. */
const GROWING_DELAY = `RestartSteps=6
RestartMaxDelaySec=120
`;

/**
 * The systemd unit that listens. Wrong use or configuration (exit code 2) is not tried again: it stays failed with its
 * reason in the status line until somebody mends it. All else is begun anew for ever. It sees devices that speak serial or sound and its own folders, and gains no right.
 * One arena for all threads: what compiles in the background leaves ten megabytes in arenas of its own.
 * Two usual restrictions are missing on purpose: MemoryDenyWriteExecute, since JavaScript and WebAssembly are compiled
 * in memory, and PrivateDevices, since the stethoscope is one.
 */
export const serviceUnit = (
  program: Program,
  hasGrowingDelay: boolean,
): string => `${WRITTEN} ${SERVICE_UNIT}.
[Unit]
Description=lubdub, screening of heart sounds (for research, not a diagnosis)
After=network.target systemd-udevd.service
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart=${quoted(program.node)} ${quoted(program.main)} live
User=${SERVICE_USER}
Group=${SERVICE_USER}
SupplementaryGroups=dialout audio
Environment=NODE_ENV=production MALLOC_ARENA_MAX=1 XDG_CONFIG_HOME=${CONFIGURATION_HOME} XDG_STATE_HOME=${STATE_HOME}
EnvironmentFile=-${ENVIRONMENT_FILE}
StateDirectory=lubdub lubdub/sessions
StateDirectoryMode=0750
ReadWritePaths=-${PROFILES_FOLDER}
UMask=0027
StandardOutput=journal
StandardError=journal
SyslogIdentifier=lubdub
Restart=always
RestartPreventExitStatus=2
RestartSec=2
${hasGrowingDelay ? GROWING_DELAY : ''}WatchdogSec=30
TimeoutStopSec=60
MemoryHigh=384M
MemoryMax=512M
TasksMax=128
OOMPolicy=stop
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
PrivateMounts=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
KeyringMode=private
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
DevicePolicy=closed
DeviceAllow=char-ttyACM rw
DeviceAllow=char-ttyUSB rw
DeviceAllow=char-ttyAMA rw
DeviceAllow=char-ttyS rw
DeviceAllow=char-rfcomm rw
DeviceAllow=char-alsa rw

[Install]
WantedBy=multi-user.target
`;

/** A browser that fills the attached display with the live page, without a desktop: cage shows one program and nothing else. */
export const kioskUnit = (
  browser: string,
  cage = '/usr/bin/cage',
): string => `${WRITTEN} lubdub-kiosk.service.
[Unit]
Description=lubdub's live page on the attached display
After=${SERVICE_UNIT} systemd-user-sessions.service
Wants=${SERVICE_UNIT}
Conflicts=getty@tty1.service
StartLimitIntervalSec=0

[Service]
ExecStart=${quoted(cage)} -- ${quoted(browser)} --kiosk --noerrdialogs --disable-infobars --no-first-run --disable-sync --disable-pinch --incognito --ozone-platform=wayland --user-data-dir=/var/lib/lubdub-kiosk/browser http://127.0.0.1:${SERVICE_PORT}/
User=${KIOSK_USER}
PAMName=login
TTYPath=/dev/tty1
TTYReset=yes
TTYVHangup=yes
TTYVTDisallocate=yes
StandardInput=tty-fail
StandardOutput=journal
StandardError=journal
StateDirectory=lubdub-kiosk
StateDirectoryMode=0700
Restart=always
RestartSec=3
MemoryMax=1G
ProtectSystem=full
ProtectHome=yes
PrivateTmp=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes

[Install]
WantedBy=multi-user.target
`;

/** @returns what an installed unit runs, `null` where that cannot be read */
export function programOf(unit: string): Program | null {
  const line = /^ExecStart="([^"]+)" "([^"]+)" live$/m.exec(unit);
  return line === null ? null : { node: unescaped(line[1]), main: unescaped(line[2]) };
}

/** systemd takes % and backslashes in paths for its own, even between quotes. */
const quoted = (path: string): string =>
  `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;

const unescaped = (path: string): string =>
  path.replaceAll('$$', '$').replaceAll('%%', '%').replaceAll('\\\\', '\\');
