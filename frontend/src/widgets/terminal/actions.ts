/** What the page does with a terminal's text: copy it, paste into it, open an address in it. */
import { isSafeLink } from '../../core/terminal-keys';
import { copyText } from '../../dom/clipboard';
import type { Ctx } from '../../registry';
import type { Pane } from './pane';

/** Copies the selection, or everything when nothing is selected. */
export async function copyFrom(pane: Pane, ctx: Ctx): Promise<void> {
  const what = pane.screen.terminal.hasSelection() ? 'Copied the selection' : 'Copied everything';
  if (await copyText(pane.screen.text)) ctx.toast('ok', what);
  else ctx.toast('bad', 'Copying failed', 'The browser does not allow it here. Use its own menu.');
  pane.focus();
}

/** Pastes from the clipboard where the browser lets a page read it. */
export async function pasteInto(pane: Pane, ctx: Ctx): Promise<void> {
  try {
    pane.screen.terminal.paste(await navigator.clipboard.readText());
  } catch {
    ctx.toast(
      'warn',
      'Pasting needs the keyboard here',
      'Press Ctrl-Shift-V, or use the browser’s own menu.',
    );
  }
  pane.focus();
}

/** Opens an address of the web in a new tab that knows nothing of this one, after asking. */
export async function openLink(uri: string, ctx: Ctx): Promise<void> {
  if (!isSafeLink(uri)) return;
  const answer = await ctx.confirm({
    title: 'Open this address?',
    text: 'It comes from the program in the terminal.',
    names: [uri],
    action: 'Open',
  });
  if (answer !== null) window.open(uri, '_blank', 'noopener,noreferrer');
}
