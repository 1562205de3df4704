/**
 * htmx 4 as this application uses it. Fragments of pages and forms come over HTTP; what changes by itself comes over
 * the websocket and is applied with the same morph.
 *
 * - A response of 4xx or 5xx is swapped only when the server chose a place for it (`HX-Retarget`: a toast) or when
 *   it is a form shown again (422); any other becomes a toast here and leaves the page as it was.
 * - While a request runs its button is disabled and marked busy.
 */
import htmx from 'htmx.org';
import { explainStatus } from '../core/status';
import type { Ctx } from '../registry';

interface InternalApi {
  morph(old: Element, fragment: DocumentFragment, inner: boolean): void;
}

let api: InternalApi | undefined;

/** Attributes that scripts own on live elements: a morph with server HTML must not take them away. */
const OWNED_BY_SCRIPTS = new Set(['hidden', 'aria-busy', 'aria-expanded', 'title']);

/** What scripts fill with figures at 1 Hz; HTML that arrives in between carries none. */
const LIVE = '[data-live], .sp, .mm, .nn';

/** Whether scripts have already filled `old` with what `fresh` would only empty again. */
function isFilledByScripts(old: Element, fresh: Element): boolean {
  if (old.matches(LIVE)) return fresh.matches(LIVE);
  return (
    old instanceof HTMLTimeElement && fresh instanceof HTMLTimeElement && old.dateTime === fresh.dateTime
  );
}

function defineExtension(): void {
  htmx.registerExtension('dockerui', {
    init(internal: InternalApi) {
      api = internal;
    },
    htmx_before_morph_node(old: Node, detail: { newNode: Node }): boolean {
      const fresh = detail.newNode;
      return !(old instanceof Element && fresh instanceof Element && isFilledByScripts(old, fresh));
    },
    htmx_before_morph_attr(
      _element: Element,
      detail: { attrName: string; newValue: string | null },
    ): boolean {
      return !(detail.newValue === null && OWNED_BY_SCRIPTS.has(detail.attrName));
    },
  });
}

/** Parses HTML that may start with any tag, a table row included. The server rendered it: it is trusted markup. */
export function parseFragment(html: string): DocumentFragment {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

/** Turns `old` into `fresh`, keeping focus, carets, ticks and everything unchanged; `fresh` is used up. */
export function morph(old: Element, fresh: Element): void {
  if (api === undefined) throw new Error('htmx is not initialised');
  const fragment = document.createDocumentFragment();
  fragment.append(fresh);
  const hasBehaviour = fresh.outerHTML.includes(' hx-');
  api.morph(old, fragment, false);
  if (hasBehaviour && old.isConnected) htmx.process(old);
}

/** The button that shows a request's progress: the one that was pressed, or the form's own. */
function buttonOf(source: Element, submitter: unknown): HTMLElement | null {
  if (submitter instanceof HTMLElement) return submitter;
  if (source instanceof HTMLFormElement)
    return source.querySelector('button[type=submit], button:not([type])');
  return source.closest('button, [role=menuitem]');
}

/** A second click while the first still runs must not act twice; `disabled` would throw the focus away. */
function trackProgress(): void {
  const running = new WeakMap<object, HTMLElement>();
  htmx.on('htmx:config:request', (event) => {
    const { ctx } = event.detail;
    if (ctx.request.method === 'GET') return;
    const button = buttonOf(ctx.sourceElement, ctx.request.submitter);
    if (button?.getAttribute('aria-busy') === 'true') event.preventDefault();
  });
  htmx.on('htmx:before:request', (event) => {
    const { ctx } = event.detail;
    if (ctx.request.method === 'GET') return;
    const button = buttonOf(ctx.sourceElement, ctx.request.submitter);
    if (!button) return;
    button.setAttribute('aria-busy', 'true');
    running.set(ctx, button);
  });
  htmx.on('htmx:finally:request', (event) => {
    running.get(event.detail.ctx)?.removeAttribute('aria-busy');
  });
}

function explainErrors(ctx: Ctx): void {
  htmx.on('htmx:before:swap', (event) => {
    const { response } = event.detail.ctx;
    if (!response || response.status < 400 || response.status === 422) return;
    if (response.headers.get('HX-Retarget')) return;
    event.preventDefault();
    const { title, text } = explainStatus(response.status);
    ctx.toast('bad', title, text);
  });
  htmx.on('htmx:error', (event) => {
    if (event.detail.ctx)
      ctx.toast('bad', 'The server did not answer', 'Check the connection and try again.');
  });
}

export function installHtmx(ctx: Ctx): void {
  defineExtension();
  trackProgress();
  explainErrors(ctx);
}
