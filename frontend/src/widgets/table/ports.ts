const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Published ports become links to where this browser reaches the Engine's host: under the name it already uses. A port
 * that is bound to one address is linked there, except to loopback, which here would be the viewer's own machine.
 */
export function linkPorts(root: ParentNode): void {
  for (const link of root.querySelectorAll<HTMLAnchorElement>('a[data-port]')) {
    const { port, scheme = 'http', ip = '' } = link.dataset;
    const host = ip === '' || LOOPBACK.has(ip) ? location.hostname : ip;
    link.href = `${scheme}://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}/`;
  }
}
