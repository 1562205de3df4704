/**
 * The tray of jobs in the top bar of every page: how many run, and a list with progress. A toast says how one of one's own
 * ended. Jobs live on the server, so that leaving a page changes nothing.
 */
import { speed } from '../core/format';
import { el } from '../dom/elements';
import type { Ctx } from '../registry';

interface Job {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly state: string;
  readonly fraction: number | null;
  readonly message: string;
  readonly error: string;
  readonly rate: number | null;
}

function row(job: Job): HTMLElement {
  const bar = el('progress', { max: '1', 'aria-label': `Progress of ${job.title}` });
  if (job.fraction !== null) bar.value = job.fraction;
  const pace = job.rate ? ` · ${speed(job.rate)}` : '';
  return el(
    'a',
    { href: `/jobs/${job.id}/`, class: 'tray-row' },
    el('b', {}, job.title),
    bar,
    el('small', {}, `${job.message || job.state}${pace}`),
  );
}

export function installJobTray(ctx: Ctx): void {
  const button = document.getElementById('job-tray');
  const list = document.getElementById('job-tray-list');
  const count = button?.querySelector<HTMLElement>('.tray-count');
  if (!button || !list || !count) return;
  const me = document.body.dataset.actor;
  ctx.socket.open(
    'jobs',
    {},
    {
      retry: true,
      message(message) {
        if (message.ev === 'jobs') {
          document.dispatchEvent(new CustomEvent('jobs:changed'));
          const jobs = message.jobs as readonly Job[];
          count.textContent = jobs.length > 0 ? String(jobs.length) : '';
          button.setAttribute('aria-label', jobs.length > 0 ? `Jobs: ${jobs.length} running` : 'Jobs');
          const all = el('a', { href: '/jobs/' }, jobs.length > 0 ? 'All jobs' : 'Nothing runs. All jobs');
          list.replaceChildren(...jobs.map(row), all);
        } else if (message.ev === 'ended') {
          const job = message.job as Job;
          if (job.owner !== me) return;
          if (job.state === 'succeeded') ctx.toast('ok', `${job.title}: done`);
          else if (job.state === 'cancelled') ctx.toast('info', `${job.title}: cancelled`);
          else ctx.toast('bad', `${job.title}: ${job.state}`, job.error);
          document.dispatchEvent(new CustomEvent('job:ended', { detail: job }));
        }
      },
    },
  );
}
