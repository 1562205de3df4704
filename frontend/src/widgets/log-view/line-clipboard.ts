/** Lines on their way out: to the clipboard, as a link, as a file. */
import { lineText } from '../../core/logsettings';
import type { Instant } from '../../core/logtime';
import { copyText } from '../../dom/clipboard';
import type { LogView } from './view';

/** What a link to a line must not say: it shall be found whatever was filtered when it was made. */
const LEFT_OUT = ['q', 'only', 'context', 'level', 'last', 'since', 'until'];
const FILE_KEPT_MS = 10_000;

/** Copies the lines `[first, last]` as far as they are shown; several with their times. */
export async function copyLines(view: LogView, first: number, last: number): Promise<void> {
  const { client, settings, ctx } = view;
  const [from, to] = await Promise.all([
    client.ask({ q: 'row', line: first }),
    client.ask({ q: 'row', line: last + 1 }),
  ]);
  const blob = await client.ask({ q: 'text', from, to, times: settings.times !== 'off' && first !== last });
  const text = (await blob.text()).replace(/\n$/, '');
  if (await copyText(text)) ctx.toast('ok', first === last ? 'Line copied' : 'Lines copied');
  else ctx.toast('bad', 'Copying failed', 'The browser does not allow it here.');
}

/** Copies the address of a line, written at `time`. */
export async function copyLink(view: LogView, line: number, time: Instant): Promise<void> {
  const ordinal = await view.client.ask({ q: 'ordinal', line });
  const url = new URL(location.href);
  url.searchParams.set('line', lineText({ time, ordinal }));
  for (const name of LEFT_OUT) url.searchParams.delete(name);
  if (await copyText(url.href)) view.ctx.toast('ok', 'Link copied', 'It leads to this line.');
  else view.ctx.toast('info', 'The link to this line', url.href);
}

/** Saves all rows, filtered as they are, as a file. */
export async function saveRows(view: LogView, times: boolean): Promise<void> {
  if (!view.state) return;
  const { first, next } = view.state;
  const blob = await view.client.ask({ q: 'text', from: first, to: next, times });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${view.root.dataset.project ?? view.sources[0]?.name ?? 'log'}.log`;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), FILE_KEPT_MS);
}
