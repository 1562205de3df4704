/** Starts what every page has (toasts, theme, palette, …) and mounts the widgets that a page asks for. */
import { WidgetKeeper } from './core/mounting';
import { MuxSocket } from './core/socket';
import { browserEnvironment } from './dom/environment';
import { installHtmx } from './dom/htmx';
import { addShortcuts, installKeyboard } from './dom/keyboard';
import { type Ctx, widgets } from './registry';
import { installAges } from './widgets/age';
import { confirm, installDialogs } from './widgets/confirm-dialog';
import { installConnectionBanner, notice } from './widgets/connection-banner';
import { installCopy } from './widgets/copy';
import { installDensity } from './widgets/density';
import { installJobTray } from './widgets/job-tray';
import { installKeyboardHelp } from './widgets/keyboard-help';
import { installMenus } from './widgets/menus';
import { installNeeds } from './widgets/needs';
import { installPageKeys } from './widgets/page-keys';
import { installPalette } from './widgets/palette';
import { installTabs } from './widgets/tabs';
import { installTheme, themeSource } from './widgets/theme';
import { installToasts, toast } from './widgets/toasts';
import { installWaits } from './widgets/wait';

const socket = new MuxSocket(browserEnvironment());
const ctx: Ctx = { socket, theme: themeSource, toast, confirm, notice, shortcuts: addShortcuts };

const keeper = new WidgetKeeper<HTMLElement>(
  (name) => {
    const load = widgets[name];
    return load === undefined ? null : load().then((module) => (element) => module.mount(element, ctx));
  },
  (name, error) => {
    console.error(`widget ${name}`, error);
    toast('bad', 'Part of this page could not be loaded', 'Reload the page to try again.');
  },
);

function mountWidgets(): void {
  const wanted = new Map<HTMLElement, string>();
  for (const element of document.querySelectorAll<HTMLElement>('[data-widget]')) {
    if (element.dataset.widget) wanted.set(element, element.dataset.widget);
  }
  keeper.reconcile(wanted);
}

installNeeds();
installTabs();
installTheme();
installDensity();
installToasts();
installHtmx(ctx);
installKeyboard();
installDialogs();
installMenus();
installPalette();
installPageKeys();
installKeyboardHelp();
installCopy(ctx);
installAges();
installConnectionBanner(socket);
installWaits(ctx);
installJobTray(ctx);
mountWidgets();
document.addEventListener('htmx:after:settle', mountWidgets);
document.addEventListener('widgets:arrived', mountWidgets);
document.addEventListener('htmx:finally:swap', mountWidgets);
