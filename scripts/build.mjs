// Compiles src/ to dist/ and writes oclif's command manifest beside it: without the manifest every start reads all
// command files; with a stale one a new command is "not found". So both are always made together.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, OCLIF_SKIP_NEW_VERSION_CHECK: 'true' },
  });
  if (status !== 0) process.exit(status ?? 1);
}

rmSync(`${root}dist`, { recursive: true, force: true });
rmSync(`${root}oclif.manifest.json`, { force: true });
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
run('node_modules/oclif/bin/run.js', 'manifest');
