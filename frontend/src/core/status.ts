/** HTTP statuses in words, for answers that bring no words of their own. */
export interface Explanation {
  readonly title: string;
  readonly text: string;
}

const EXPLANATIONS: Readonly<Record<number, Explanation>> = {
  0: { title: 'The server did not answer', text: 'Check the connection and try again.' },
  401: { title: 'You are logged out', text: 'Log in again to go on.' },
  403: {
    title: 'You may not do this',
    text: 'Your role does not include it, or your session has changed: reload.',
  },
  404: { title: 'It no longer exists', text: 'It was probably removed in the meantime.' },
  409: { title: 'That is in conflict with its state', text: 'Look at its current state and try again.' },
  413: { title: 'That is too large', text: 'The server does not accept this much at once.' },
  429: { title: 'Too many requests', text: 'Wait a moment and try again.' },
  503: { title: 'The Engine is not reachable', text: 'The page recovers by itself once it answers.' },
  504: { title: 'The Engine did not answer in time', text: 'It may still be working on it.' },
};

export function explainStatus(status: number): Explanation {
  return (
    EXPLANATIONS[status] ?? {
      title: status >= 500 ? 'The server failed' : 'The server refused this',
      text: `It answered with status ${status}.`,
    }
  );
}
