#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// Left to itself V8 lets garbage pile up to several times what is in use before it looks for it. This program runs on small
// machines beside other servers, with catalogues of hundreds of thousands of products: it trades a little time for memory.
setFlagsFromString('--heap-growing-percent=30');

const { main } = await import('../dist/lib/ui/main.js');
await main(import.meta.url);
