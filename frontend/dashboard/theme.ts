import { h } from './dom.ts';

const KEY = 'tradewind-theme';
const CHOICES = ['auto', 'light', 'dark'] as const;
type Choice = (typeof CHOICES)[number];

const WORDS: Readonly<Record<Choice, string>> = { auto: 'Auto', light: 'Light', dark: 'Dark' };

/** What the page is drawn in; charts ask anew when it changes. */
export const themeChanged = new EventTarget();

/** The switch between the machine's colours, light and dark. */
export function themeSwitch(): HTMLElement {
  let choice = CHOICES.find((one) => one === localStorage.getItem(KEY)) ?? 'auto';
  const button = h('button', { class: 'plain', type: 'button', on: { click: () => apply(CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] ?? 'auto') } });
  const apply = (next: Choice): void => {
    choice = next;
    localStorage.setItem(KEY, next);
    if (next === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = next;
    button.textContent = WORDS[next];
    button.setAttribute('aria-label', `Colours: ${WORDS[next]}. Change.`);
    themeChanged.dispatchEvent(new Event('change'));
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => themeChanged.dispatchEvent(new Event('change')));
  apply(choice);
  return button;
}

/** A colour of the style sheet, as it is now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
