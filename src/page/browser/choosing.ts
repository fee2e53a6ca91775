import type { Naming } from '../../bedside/bedside-status.js';
import { SITES, type Site } from '../../verdict/site.js';
import { make } from './elements.js';
import { siteName } from './words.js';

/** Questions for site and code as dialogs ask them. */

const WITHOUT = 'without';

/** Large buttons, one for each site; `chosen` is marked, `undefined` marks none. */
export function siteQuestion(
  legend: string,
  name: string,
  chosen: Site | null | undefined,
  next: Site | null = null,
): HTMLElement {
  const option = (site: Site | null) => {
    const input = make('input', { type: 'radio', name, value: site ?? WITHOUT });
    input.checked = chosen !== undefined && chosen === site;
    const word = site === null ? 'Without a site' : siteName(site);
    const label = make('label', {}, input, make('span', {}, word));
    if (site !== null && site === next) label.dataset.next = 'true';
    return label;
  };
  return make('fieldset', { class: 'sites' }, make('legend', {}, legend), ...SITES.map(option), option(null));
}

/** @returns what is chosen, `undefined` where nothing is */
export function chosenSite(within: ParentNode): Site | null | undefined {
  const value = within.querySelector<HTMLInputElement>('input[type=radio]:checked')?.value;
  if (value === undefined) return undefined;
  return SITES.find((site) => site === value) ?? null;
}

export function subjectField(id: string, value: string): HTMLElement {
  const input = make('input', {
    id,
    type: 'text',
    maxlength: '64',
    placeholder: 'S-017',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
  input.value = value;
  return make('label', { class: 'subject' }, 'Subject code', input);
}

/** `Mitral, S-017`; what is not named is left out. */
export function namingWords({ site, subject }: Naming): string {
  return [site === null ? null : siteName(site), subject].filter((word) => word !== null).join(', ');
}
