import { appView } from './app-view.ts';
import { follow, setToken, type Connection } from './broker-api.ts';
import { ask } from './dialog.ts';
import { h, say, setClass } from './dom.ts';
import { duration } from './format.ts';
import type { LiveState } from './live-state.ts';
import { modelView } from './model-view.ts';
import { overview } from './overview.ts';
import { themeSwitch } from './theme.ts';
import { troublesView } from './troubles-view.ts';
import { SPANS, SPAN_WORDS, type Span, type View } from './view.ts';

const CONNECTION_WORDS: Readonly<Record<Connection, string>> = { live: 'live', connecting: 'connecting', lost: 'no connection', token: 'token needed' };

const place = document.getElementById('view') ?? document.body;
let span: Span = '5m';
let state: LiveState | undefined;
let shown: { readonly view: View; readonly stop: AbortController } | undefined;

/** Draws what the address names, once something is known. */
function show(): void {
  if (state === undefined) return;
  shown?.stop.abort();
  const view = viewOf(decodeURIComponent(location.hash.slice(1)));
  const stop = new AbortController();
  const first = shown === undefined;
  shown = { view, stop };
  document.title = view.title === 'Overview' ? 'Tradewind' : `${view.title} · Tradewind`;
  place.replaceChildren(view.element);
  view.update(state);
  view.start(stop.signal);
  for (const link of document.querySelectorAll<HTMLAnchorElement>('#views a')) {
    if (link.hash === (location.hash === '' ? '#/' : location.hash)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  // Who follows a link with the keyboard, or hears the page, is to be where the new content begins.
  if (!first) place.querySelector('h1')?.focus();
}

function viewOf(address: string): View {
  const [, kind, name] = /^\/(app|model)\/(.+)$/u.exec(address) ?? [];
  if (kind === 'app' && name !== undefined) return appView(name, span);
  if (kind === 'model' && name !== undefined) return modelView(name, span);
  return address === '/troubles' ? troublesView() : overview(span);
}

function spanSwitch(): HTMLElement {
  const buttons = SPANS.map((one) => h('button', { class: 'plain', type: 'button', 'aria-pressed': String(one === span), text: SPAN_WORDS[one], on: { click: () => choose(one) } }));
  const choose = (next: Span): void => {
    span = next;
    for (const [i, button] of buttons.entries()) button.setAttribute('aria-pressed', String(SPANS[i] === next));
    show();
  };
  return h('div', { class: 'spans', role: 'group', 'aria-label': 'Time that charts show' }, ...buttons);
}

function start(): void {
  const light = h('span', { class: 'connection', role: 'status' });
  const askToken = async (): Promise<void> => {
    const token = await ask({ title: 'Token', text: 'A bearer token of this broker\'s admin. It is kept in this tab only.', label: 'token', kind: 'password' });
    if (token === undefined) return;
    setToken(token);
    again();
  };
  const token = h('button', { class: 'plain', type: 'button', hidden: '', text: 'Token …', on: { click: () => void askToken() } });
  document.getElementById('views')?.append(h('a', { href: '#/', text: 'Overview' }), h('a', { href: '#/troubles', text: 'Troubles' }));
  document.getElementById('tools')?.append(light, spanSwitch(), token, themeSwitch());
  window.addEventListener('hashchange', show);
  const about = document.getElementById('about') ?? document.body;
  const again = follow({
    connection(connection, why) {
      say(light, CONNECTION_WORDS[connection]);
      setClass(light, `connection ${connection}`);
      light.title = why;
      // Who needs none is not asked.
      if (connection === 'token') token.hidden = false;
      if (connection === 'token' && state === undefined) say(place, 'This broker wants a token before it shows anything: use the button at the top.');
    },
    state(next) {
      state = next;
      say(about, `Tradewind ${next.broker.version}, up ${duration(next.at - next.broker.startedAt)}. Figures are of the last ten seconds where nothing else is said.`);
      if (shown === undefined) show();
      else if (!document.hidden) shown.view.update(next);
    },
  });
}

start();
