#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// A checkout that nobody has built yet: say what to do instead of failing on a missing module.
if (!existsSync(new URL('../dist/lib/ui/main.js', import.meta.url))) {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  console.error(`cartona is not built yet; run \`npm ci && npm run build\` in ${folder} first.`);
  process.exit(8);
}

// Left to itself V8 lets garbage grow to several times what is in use before it collects it. This program runs on small
// machines beside other servers, with catalogues of hundreds of thousands of products: it trades a little time for memory.
setFlagsFromString('--heap-growing-percent=30');

const { main } = await import('../dist/lib/ui/main.js');
await main(import.meta.url);
