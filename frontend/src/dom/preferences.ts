import { Preferences } from '../core/storage';

export const preferences = new Preferences(() => window.localStorage);
