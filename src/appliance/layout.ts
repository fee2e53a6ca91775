/**
 * Where the parts of an installed service are. Configuration and what is recorded are at places of their own, which neither
 * an update nor an uninstallation touches.
 */
export const SERVICE_USER = 'lubdub';
export const KIOSK_USER = 'lubdub-kiosk';

export const SERVICE_UNIT = 'lubdub.service';
export const KIOSK_UNIT = 'lubdub-kiosk.service';

export const UNIT_FOLDER = '/etc/systemd/system';
export const UDEV_RULE = '/etc/udev/rules.d/60-lubdub-stethoscope.rules';
export const USERS_FILE = '/etc/sysusers.d/lubdub.conf';
export const FOLDERS_FILE = '/etc/tmpfiles.d/lubdub.conf';

/** `XDG_CONFIG_HOME` of the service is `/etc`: its configuration file and its stethoscope profiles are here. */
export const CONFIGURATION_HOME = '/etc';
export const CONFIGURATION_FOLDER = '/etc/lubdub';
export const CONFIGURATION_FILE = '/etc/lubdub/config.json';
/** The service writes what is fitted on its page here, and nothing else below `/etc`. */
export const PROFILES_FOLDER = '/etc/lubdub/stethoscopes';
/** For what nobody else may read, such as LUBDUB_TOKEN. Need not be there. */
export const ENVIRONMENT_FILE = '/etc/lubdub/environment';

/** `XDG_STATE_HOME` of the service is `/var/lib`. */
export const STATE_HOME = '/var/lib';
export const STATE_FOLDER = '/var/lib/lubdub';
export const SESSIONS_FOLDER = '/var/lib/lubdub/sessions';
export const KIOSK_FOLDER = '/var/lib/lubdub-kiosk';

export const SERVICE_PORT = 4912;
