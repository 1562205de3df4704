/** The worker of a log view: keeps the lines, so that no burst of them ever holds up the page. */
import type { PageMessage } from '../core/logprotocol';
import type { MatchAnswer, Matcher, MatchRequest } from '../core/logquery';
import { LogSession } from '../core/logsession';

type Begin = { readonly t: 'begin'; readonly matcherUrl: string };

let matcherUrl = '';

function matcher(): Matcher {
  const worker = new Worker(matcherUrl, { type: 'module' });
  return {
    send: (request: MatchRequest, transfer) => worker.postMessage(request, [...transfer]),
    onAnswer(callback) {
      worker.onmessage = (event: MessageEvent<MatchAnswer>) => callback(event.data);
    },
    dispose: () => worker.terminate(),
  };
}

const session = new LogSession({
  post: (message) => self.postMessage(message),
  matcher,
  now: () => Date.now(),
  setTimeout: (callback, ms) => self.setTimeout(callback, ms),
  clearTimeout: (id) => self.clearTimeout(id),
});

self.onmessage = (event: MessageEvent<PageMessage | Begin>) => {
  if (event.data.t === 'begin') matcherUrl = event.data.matcherUrl;
  else session.receive(event.data);
};
