/** Starts what every page has (navigation, toasts, theme, palette, …) and mounts the widgets that a page asks for. */
import { WidgetKeeper } from './core/mounting';
import { MuxSocket } from './core/socket';
import { browserEnvironment } from './dom/environment';
import { installHtmx } from './dom/htmx';
import { type Ctx, widgets } from './registry';
import { installTheme, themeSource } from './widgets/theme';
import { installToasts, toast } from './widgets/toasts';

const ctx: Ctx = { socket: new MuxSocket(browserEnvironment()), toast, theme: themeSource };

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

installTheme();
installToasts();
installHtmx(ctx);
mountWidgets();
document.addEventListener('htmx:after:settle', mountWidgets);
document.addEventListener('htmx:finally:swap', mountWidgets);
