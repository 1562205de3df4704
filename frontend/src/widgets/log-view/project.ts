/** Keeps the list of a project's containers up to date: those that join are read as well. */
import type { Disposable } from '../../core/disposable';
import type { SourceSpec } from '../../core/logprotocol';
import type { Socket } from '../../core/socket';
import { el } from '../../dom/elements';

interface Member extends SourceSpec {
  readonly state: string;
}

const SHADES = 8;

export function followProject(
  socket: Socket,
  project: string,
  root: HTMLElement,
  found: (sources: readonly SourceSpec[]) => void,
): Disposable {
  const order: string[] = (JSON.parse(root.dataset.sources ?? '[]') as SourceSpec[]).map(({ id }) => id);
  const channel = socket.open(
    'logsources',
    { project },
    {
      retry: true,
      message(message) {
        if (message.ev !== 'sources') return;
        const members = message.items as readonly Member[];
        for (const { id } of members) if (!order.includes(id)) order.push(id);
        found(members.map(({ id, name }) => ({ id, name })));
        showChips(members, order);
      },
    },
  );
  return { dispose: () => channel.close() };
}

/** The chips in the page's head, in the colours of the rows. */
function showChips(members: readonly Member[], order: readonly string[]): void {
  const place = document.querySelector('[data-log-sources]');
  if (!place) return;
  const chips = members.map(({ id, name, state }) => {
    const shade = `chip s${order.indexOf(id) % SHADES}${state === 'running' ? '' : ' off'}`;
    return el('li', {}, el('a', { class: shade, href: `/containers/${id}/logs/`, title: state }, name));
  });
  place.replaceChildren(...chips);
}
