/** Draws through the graphics card where there is one: in software WebGL is five times slower than the DOM. */
import type { Terminal } from '@xterm/xterm';

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

function hasGraphicsCard(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (gl === null) return false;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return !SOFTWARE.test(name);
}

let worthIt: boolean | undefined;

/** Switches an opened terminal to WebGL where that is faster; it stays with the DOM otherwise. */
export async function useFastRenderer(terminal: Terminal): Promise<void> {
  worthIt ??= hasGraphicsCard();
  if (!worthIt) return;
  const { WebglAddon } = await import('@xterm/addon-webgl');
  if (terminal.element === undefined) return;
  const addon = new WebglAddon();
  addon.onContextLoss(() => addon.dispose());
  try {
    terminal.loadAddon(addon);
  } catch (error) {
    console.warn('WebGL is not available to the terminal', error);
    worthIt = false;
  }
}
