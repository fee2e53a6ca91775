import { SkinContact } from '../window/skin-contact.js';
import type { StoredSession } from './stored-session.js';

/** When the stethoscope of a session said that it touched no skin, to screen it again as it was. */
export async function storedContact(session: StoredSession): Promise<SkinContact> {
  const contact = new SkinContact();
  for await (const event of session.events()) {
    if (event.kind !== 'status' || typeof event.atSample !== 'number') continue;
    contact.push(
      event.atSample / session.format.sampleRateHz,
      typeof event.contact === 'boolean' ? event.contact : null,
    );
  }
  return contact;
}
