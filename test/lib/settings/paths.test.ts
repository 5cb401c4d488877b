import { describe, expect, it } from 'vitest';
import { pathsOf } from '../../../src/lib/settings/paths.js';

describe('where things lie', () => {
  it('CARTONA_HOME holds everything in one directory, the secrets file included', () => {
    expect(pathsOf({ CARTONA_HOME: '/srv/cartona' }, 'darwin', '/Users/a')).toEqual({
      settingsFile: '/srv/cartona/settings.json',
      secretsFile: '/srv/cartona/secrets.json',
      dataFile: '/srv/cartona/cartona.sqlite',
      generationFile: '/srv/cartona/data-generation',
      useKeyStore: false,
    });
  });

  it('a blank CARTONA_HOME is none', () => {
    expect(pathsOf({ CARTONA_HOME: ' ' }, 'linux', '/home/a').settingsFile).toBe(
      '/home/a/.config/cartona/settings.json',
    );
  });

  it('Linux follows the XDG directories and uses its key store', () => {
    expect(pathsOf({}, 'linux', '/home/a')).toEqual({
      settingsFile: '/home/a/.config/cartona/settings.json',
      secretsFile: '/home/a/.config/cartona/secrets.json',
      dataFile: '/home/a/.local/state/cartona/cartona.sqlite',
      generationFile: '/home/a/.config/cartona/data-generation',
      useKeyStore: true,
    });
    const moved = pathsOf({ XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s' }, 'linux', '/home/a');
    expect([moved.settingsFile, moved.dataFile]).toEqual(['/c/cartona/settings.json', '/s/cartona/cartona.sqlite']);
  });

  it('macOS and Windows use their own places and their key stores', () => {
    expect(pathsOf({}, 'darwin', '/Users/a')).toMatchObject({
      dataFile: '/Users/a/Library/Application Support/cartona/cartona.sqlite',
      useKeyStore: true,
    });
    expect(pathsOf({ APPDATA: '/r', LOCALAPPDATA: '/l' }, 'win32', '/u')).toMatchObject({
      settingsFile: '/r/cartona/settings.json',
      dataFile: '/l/cartona/cartona.sqlite',
      useKeyStore: true,
    });
  });
});
