/** Runs people's expressions apart from everything else: the one that never ends is stopped by ending this worker. */
import { matchRequest } from '../core/logmatch';
import type { MatchRequest } from '../core/logquery';

const match = matchRequest();

self.onmessage = (event: MessageEvent<MatchRequest>) => {
  self.postMessage(match(event.data));
};
