/** The dialog for a session that is not just a shell; its form is in templates/containers/_terminal_new.html. */
import { CommandError, parseEnvironment, splitCommand } from '../../core/terminal-argv';
import type { TerminalRequest } from '../../core/terminal-session';

/** Asks what to run; resolves to null when the dialog is closed without starting. */
export function askForSession(dialog: HTMLDialogElement, container: string): Promise<TerminalRequest | null> {
  const form = dialog.querySelector('form');
  const problem = dialog.querySelector<HTMLElement>('[data-problem]');
  if (form === null || problem === null) throw new Error('the dialog has no form');
  problem.hidden = true;
  dialog.showModal();
  return new Promise((resolve) => {
    let request: TerminalRequest | null = null;
    const onSubmit = (event: SubmitEvent) => {
      event.preventDefault();
      try {
        request = read(new FormData(form), container);
        dialog.close();
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        problem.textContent = error.message;
        problem.hidden = false;
      }
    };
    form.addEventListener('submit', onSubmit);
    const onClose = () => {
      form.removeEventListener('submit', onSubmit);
      resolve(request);
    };
    dialog.addEventListener('close', onClose, { once: true });
  });
}

function read(data: FormData, container: string): TerminalRequest {
  const text = (name: string) => String(data.get(name) ?? '').trim();
  const keys = text('detach_keys');
  const common = { id: container, ...(keys ? { detach_keys: keys } : {}) };
  if (text('kind') === 'attach') {
    const streams = Object.fromEntries(
      ['stdin', 'stdout', 'stderr', 'logs', 'websocket'].map((name) => [name, data.has(name)]),
    );
    if (!(streams.stdin || streams.stdout || streams.stderr))
      throw new CommandError('Choose at least one of stdin, stdout and stderr.');
    return { topic: 'attach', args: { ...common, ...streams } };
  }
  const args = {
    ...common,
    cmd: splitCommand(text('command')),
    user: text('user'),
    workdir: text('workdir'),
    env: parseEnvironment(String(data.get('env') ?? '')),
    tty: data.has('tty'),
    privileged: data.has('privileged'),
  };
  return { topic: 'exec', args };
}
