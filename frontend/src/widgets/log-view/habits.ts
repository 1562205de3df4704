/** How the reader likes logs shown: kept in the browser, for every log. */
import { DEFAULTS, type LogSettings, TIMES, type Times } from '../../core/logsettings';
import { preferences } from '../../dom/preferences';

export function habits(): LogSettings {
  const times = preferences.get('log.times') as Times;
  const flag = (name: string, otherwise: boolean) => {
    const value = preferences.get(name);
    return value === null ? otherwise : value === '1';
  };
  return {
    ...DEFAULTS,
    times: TIMES.includes(times) ? times : DEFAULTS.times,
    wrap: flag('log.wrap', DEFAULTS.wrap),
    expand: flag('log.expand', DEFAULTS.expand),
  };
}

export function remember(settings: LogSettings): void {
  preferences.set('log.times', settings.times);
  preferences.set('log.wrap', settings.wrap ? '1' : '0');
  preferences.set('log.expand', settings.expand ? '1' : '0');
}
