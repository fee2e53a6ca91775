/** Who talks to the broker, and so what a person has to change where it does not work. */
export interface BrokerRole {
  /** The option that names the broker. */
  readonly option: string;
  /** As brokers call it. */
  readonly clientIdentifier: string;
  /** What the broker must allow this user. */
  readonly rights: string;
  /** Why two of them throw each other out, and what to do. */
  readonly sameName: string;
}

/** One that publishes. */
export const BEDSIDE_ROLE: BrokerRole = {
  option: '--publish',
  clientIdentifier: 'lubdub-BEDSIDE',
  rights: 'publish to lubdub/BEDSIDE/#',
  sameName:
    'another program may publish under the same bedside name; give one of them another with --bedside',
};

/** One that follows bedsides. */
export const WARD_ROLE: BrokerRole = {
  option: '--broker',
  clientIdentifier: 'lubdub-ward-NAME',
  rights: 'read lubdub/#',
  sameName: 'another ward may have the same name; give one of them another with --name',
};

/** MQTT 5 reason codes (section 2.4 of the specification) that a person can do something about. */
const REMEDIES: Readonly<Record<number, (role: BrokerRole) => string>> = {
  133: ({ clientIdentifier }) =>
    `the broker does not take this client identifier; allow ${clientIdentifier} there`,
  134: () => 'the broker does not know this user or password; check the file that --broker-login names',
  135: ({ rights }) => `the broker does not allow this; let this user ${rights} there`,
  142: ({ sameName }) => `the broker was asked for the same name again: ${sameName}`,
  149: () => 'the broker takes no message of this size; raise its limit',
  151: () => 'the broker has no room left (quota exceeded)',
  154: () =>
    'the broker keeps no retained messages, which the state of a bedside needs; switch them on there',
  155: () => 'the broker allows no QoS 1; allow it there',
};

/** Codes of a certificate that nobody trusted here has signed. */
export const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const SESSION_TAKEN_OVER = 142;

/** Trying again at once would throw the other one out, which would try again in turn. */
export const isTakenOver = (error: unknown): boolean => reasonCode(error) === SESSION_TAKEN_OVER;

/** What is wrong with the broker or the way to it, and what to do, as a sentence's middle. */
export function describeBrokerFault(error: unknown, role: BrokerRole): string {
  const remedy = REMEDIES[reasonCode(error) ?? 0];
  if (remedy !== undefined) return remedy(role);
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error && error.message !== '' ? error.message : code;
  if (UNTRUSTED.has(code)) {
    return `the broker's certificate is not signed by anybody trusted here (${code}); name the certificate of its authority with --broker-ca`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `the broker's certificate is for another name (${message}); use the name that stands in it`;
  }
  if (code === 'CERT_HAS_EXPIRED') return "the broker's certificate has expired; renew it there";
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `the broker's name is not known here (${code}); check ${role.option} and the network`;
  }
  if (code === 'ECONNREFUSED') return `nothing answers at the broker's address (${code}); is it running?`;
  return message;
}

function reasonCode(error: unknown): number | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
}
