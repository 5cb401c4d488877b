// Loaded before the program under measurement: at its end writes the peak of its resident memory (KiB, as the kernel
// counted it) to file descriptor 3.
import { writeSync } from 'node:fs';

process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));
