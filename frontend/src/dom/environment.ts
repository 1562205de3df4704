import type { SocketEnvironment } from '../core/socket';

/** The browser as the socket sees it: `/ws` on this host, timers, network and tab coming back. */
export function browserEnvironment(): SocketEnvironment {
  return {
    connect: () => new WebSocket(new URL('/ws', location.href.replace(/^http/, 'ws'))),
    random: Math.random,
    setTimeout: (callback, ms) => window.setTimeout(callback, ms),
    clearTimeout: (id) => window.clearTimeout(id),
    onWake(callback) {
      window.addEventListener('online', callback);
      window.addEventListener('pageshow', callback);
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'visible') callback();
      });
    },
    login() {
      const next = location.pathname + location.search;
      location.assign(`/login?next=${encodeURIComponent(next)}`);
    },
  };
}
