import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where this user's things lie. */
export interface Paths {
  /** Profiles; no secrets. */
  readonly settingsFile: string;
  /** Secrets, where the system has no key store or one directory is to hold everything. Mode 0600. */
  readonly secretsFile: string;
  /** The durable rows of all profiles (SQLite). */
  readonly dataFile: string;
  /** Beside the settings: which generation of the data file was used last. */
  readonly generationFile: string;
  /**
   * Whether secrets go to the system's key store, where it has one: not when `CARTONA_HOME` asks for everything in one
   * directory.
   */
  readonly useKeyStore: boolean;
}

/**
 * `CARTONA_HOME` moves settings, secrets and state to that one directory; else each platform's conventions hold:
 * XDG directories on Linux, Application Support on macOS, AppData on Windows.
 */
export function pathsOf(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): Paths {
  const chosen = filled(env['CARTONA_HOME']);
  if (chosen !== undefined) return within(resolve(chosen), resolve(chosen), false);
  if (platform === 'win32') {
    return within(
      join(filled(env['APPDATA']) ?? join(home, 'AppData', 'Roaming'), 'cartona'),
      join(filled(env['LOCALAPPDATA']) ?? join(home, 'AppData', 'Local'), 'cartona'),
      true,
    );
  }
  if (platform === 'darwin') {
    const support = join(home, 'Library', 'Application Support', 'cartona');
    return within(support, support, true);
  }
  return within(
    join(filled(env['XDG_CONFIG_HOME']) ?? join(home, '.config'), 'cartona'),
    join(filled(env['XDG_STATE_HOME']) ?? join(home, '.local', 'state'), 'cartona'),
    true,
  );
}

function within(settings: string, state: string, useKeyStore: boolean): Paths {
  return {
    settingsFile: join(settings, 'settings.json'),
    secretsFile: join(settings, 'secrets.json'),
    dataFile: join(state, 'cartona.sqlite'),
    generationFile: join(settings, 'data-generation'),
    useKeyStore,
  };
}

const filled = (value: string | undefined): string | undefined =>
  value === undefined || value.trim() === '' ? undefined : value;
