#!/usr/bin/env node
import { main } from '../dist/lib/ui/main.js';

await main(import.meta.url);
