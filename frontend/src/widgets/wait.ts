/**
 * “Tell me when it stops”: a button with `data-wait="<id>"` asks the Engine to wait for that container. What is waited
 * for is remembered for the tab, so that it goes on across pages; the answer is a toast and, where allowed, a notification.
 */
import { hit } from '../dom/listen';
import type { Ctx } from '../registry';

const KEY = 'waits';

function load(): Record<string, string> {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
    return typeof found === 'object' && found !== null ? (found as Record<string, string>) : {};
  } catch {
    return {};
  }
}

function remember(id: string, name: string | null): void {
  const waits = load();
  if (name === null) delete waits[id];
  else waits[id] = name;
  sessionStorage.setItem(KEY, JSON.stringify(waits));
}

function announce(ctx: Ctx, name: string, code: unknown): void {
  const text = `${name} stopped with exit code ${String(code)}.`;
  ctx.toast(code === 0 ? 'ok' : 'bad', text);
  if (document.hidden && Notification.permission === 'granted') new Notification('dockerui', { body: text });
}

function wait(ctx: Ctx, id: string, name: string): void {
  ctx.socket.open(
    'wait',
    { id, condition: 'not-running' },
    {
      retry: true,
      message(message) {
        if (message.ev === 'exited') announce(ctx, name, message.code);
        else if (message.ev === 'error') ctx.toast('bad', `Cannot wait for ${name}`, String(message.message));
        if (message.ev === 'exited' || (message.ev === 'error' && message.status === 404)) remember(id, null);
      },
    },
  );
}

export function installWaits(ctx: Ctx): void {
  for (const [id, name] of Object.entries(load())) wait(ctx, id, name);
  document.addEventListener('click', (event) => {
    const button = hit<HTMLElement>(event, '[data-wait]');
    const id = button?.dataset.wait;
    if (!id || id in load()) return;
    const name = button.dataset.waitName ?? id.slice(0, 12);
    remember(id, name);
    wait(ctx, id, name);
    ctx.toast('info', `You will be told when ${name} stops.`, 'Also on other pages of this tab.');
    if ('Notification' in window && Notification.permission === 'default')
      void Notification.requestPermission();
  });
}
