import { Flags } from '@oclif/core';

/** For commands that take an address to which secrets are sent. */
export const insecureHttp = Flags.boolean({
  summary: 'Allow secrets to be sent unencrypted (http) over a network that is not your own.',
  env: 'CARTONA_INSECURE_HTTP',
});
