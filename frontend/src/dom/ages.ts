/**
 * `<time datetime="2026-01-31T10:00:00Z" data-age>`: the cell shows how long ago (`data-age="span"` or empty: `6 d`;
 * `data-age="ago"`: `6 d ago`), hovering shows the date in the viewer's zone. The server renders no age at all, so that
 * its fragments can be shared and cached. `data-clock` shows the local date and time itself.
 */
import { ago, isNever, span } from '../core/age';

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Parsed once per text: a list has a thousand of these and ticks every second. */
const parsed = new WeakMap<HTMLTimeElement, { iso: string; at: number }>();

function timeOf(element: HTMLTimeElement): number {
  const iso = element.dateTime;
  const known = parsed.get(element);
  if (known?.iso === iso) return known.at;
  const at = isNever(iso) ? Number.NaN : Date.parse(iso);
  parsed.set(element, { iso, at });
  if (!Number.isNaN(at)) element.title = absolute.format(at);
  return at;
}

function put(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function tell(element: HTMLTimeElement, now: number): void {
  const at = timeOf(element);
  if (Number.isNaN(at)) put(element, '—');
  else if (element.dataset.clock !== undefined) put(element, clock.format(at));
  else put(element, element.dataset.age === 'ago' ? ago(at, now) : span((now - at) / 1000));
}

/** Fills in the ages below `root` now; call it for HTML that was just inserted. */
export function tellAges(root: ParentNode): void {
  const now = Date.now();
  for (const element of root.querySelectorAll<HTMLTimeElement>('time[data-age], time[data-clock]'))
    tell(element, now);
}
