// Packs the program, installs the unpacked package as docs/service.md and the container file do, and fails unless what got
// there is what was tested: every production dependency in just the version of npm-shrinkwrap.json, and a program that
// starts. (npm itself reads a shrinkwrap only inside a folder or from a registry, never from a local .tgz.)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const run = (command, cwd, ...args) => execFileSync(command, args, { cwd, encoding: 'utf8' });
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

const place = mkdtempSync(join(tmpdir(), 'cartona-package-'));
try {
  run('npm', root, 'pack', '--pack-destination', place, ...QUIET);
  const { name, version } = readJson(join(root, 'package.json'));
  run('tar', place, 'xzf', `${name}-${version}.tgz`);
  const home = join(place, 'package');
  run('npm', home, 'ci', '--omit=dev', '--prefer-offline', ...QUIET);
  run('npm', home, 'install', '--global', '--prefix', place, ...QUIET, '.');
  const locked = Object.entries(readJson(join(root, 'npm-shrinkwrap.json')).packages).filter(([path]) => path !== '');
  const problems = [];
  for (const [path, entry] of locked) {
    const found = versionAt(join(home, path));
    if (entry.dev || entry.devOptional) {
      if (found !== undefined && entry.dev) problems.push(`${path} is for development only, and was installed`);
    } else if (found === undefined ? !entry.optional : found !== entry.version)
      problems.push(`${path} is ${found ?? 'missing'}, and ${entry.version} was tested`);
  }
  const known = new Set(locked.map(([path]) => path));
  const installed = run('find', home, 'node_modules', '-name', 'package.json');
  for (const file of installed.split('\n')) {
    const path = /^(.*node_modules\/(?:@[^/]+\/)?[^/@]+)\/package\.json$/.exec(file)?.[1];
    if (path !== undefined && !known.has(path)) problems.push(`${path} was never tested`);
  }
  const said = run(join(place, 'bin', 'cartona'), place, '--version');
  if (!said.startsWith(`${name}/${version} `)) problems.push(`the installed program says it is ${said.trim()}`);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log(`${name}-${version}.tgz installs just what was tested.`);
} finally {
  rmSync(place, { recursive: true, force: true });
}

function versionAt(folder) {
  try {
    return readJson(join(folder, 'package.json')).version;
  } catch {
    return undefined;
  }
}
