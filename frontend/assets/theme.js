// Loaded blocking in <head>: sets theme and density before the first paint, so that nothing flashes.
// A wall may ask for a theme of its own with ?theme=dark. widgets/theme.ts and widgets/density.ts write the stored values.
(() => {
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is refused in some privacy modes: the system's theme applies
    }
  };
  const theme = new URLSearchParams(location.search).get('theme') || read('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  if (read('density') === 'compact') document.documentElement.dataset.density = 'compact';
})();
