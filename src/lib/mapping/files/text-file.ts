import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Duplex } from 'node:stream';
import { TextDecoder } from 'node:util';
import { CartonaError } from '../../common/errors.js';
import { withLocalErrors } from '../../common/local-errors.js';

export type Encoding = 'UTF-8' | 'UTF-16LE' | 'UTF-16BE' | 'Windows-1256';

export interface TextFile {
  readonly path: string;
  readonly encoding: Encoding;
  /** The beginning of the text, for finding out how it is laid out. */
  readonly head: string;
  /**
   * Pours the text, without a byte order mark, into a parser; a failure of reading destroys the parser with its error.
   */
  pour(parser: Duplex): Promise<void>;
}

const PIECE = 256 * 1024;
/** What a parser gets at once: its rows stand in memory together until they are taken. */
const POUR_PIECE = 64 * 1024;

/**
 * Opens a text file and finds its encoding: by its byte order mark, else UTF-8 when all of it is valid UTF-8, else
 * Windows-1256, the one that Arabic spreadsheets save. Reads the file once through, in pieces.
 * @throws CartonaError `local` when it cannot be read; `usage` when it is empty, a directory, or no text
 */
export async function openTextFile(path: string): Promise<TextFile> {
  return withLocalErrors(async () => {
    const file = await open(path, 'r');
    try {
      const found = await file.stat();
      if (found.isDirectory())
        throw new CartonaError('usage', `${path} is a folder, not a file; name a CSV file in it.`);
      const { size } = found;
      const scan = new EncodingScan();
      const piece = Buffer.alloc(PIECE);
      let head = Buffer.alloc(0);
      for (let at = 0; at < size && !scan.settled;) {
        const { bytesRead } = await file.read(piece, 0, PIECE, at);
        if (bytesRead === 0) break;
        if (at === 0) head = Buffer.from(piece.subarray(0, bytesRead));
        scan.add(piece.subarray(0, bytesRead));
        at += bytesRead;
      }
      const { encoding, bom } = scan.end(path);
      return {
        path,
        encoding,
        head: await decoded(head.subarray(bom), encoding),
        pour: (parser) => pour(path, encoding, bom, parser),
      };
    } finally {
      await file.close();
    }
  });
}

async function decoded(bytes: Buffer, encoding: Encoding): Promise<string> {
  if (encoding === 'UTF-8') return bytes.toString('utf8');
  const { default: iconv } = await import('iconv-lite');
  return iconv.decode(bytes, encoding);
}

async function pour(path: string, encoding: Encoding, bom: number, parser: Duplex): Promise<void> {
  const bytes = createReadStream(path, { start: bom, highWaterMark: POUR_PIECE });
  // Whoever reads the parser sees the error there.
  const ended = (): void => undefined;
  if (encoding === 'UTF-8') {
    pipeline(bytes, parser, ended);
    return;
  }
  const { default: iconv } = await import('iconv-lite');
  pipeline(bytes, iconv.decodeStream(encoding, { stripBOM: false }), parser, ended);
}

/** Finds the encoding of bytes that come in pieces. */
class EncodingScan {
  #first: Buffer | undefined;
  #utf8: TextDecoder | undefined = new TextDecoder('utf-8', { fatal: true });
  #zeros = false;
  #marked: { encoding: Encoding; bom: number } | undefined;

  /** No later byte can change the answer. */
  get settled(): boolean {
    return this.#marked !== undefined && this.#marked.encoding !== 'UTF-8';
  }

  add(piece: Buffer): void {
    if (this.#first === undefined) {
      this.#first = Buffer.from(piece.subarray(0, 4096));
      this.#marked = marked(this.#first);
    }
    if (this.settled) return;
    this.#zeros ||= piece.includes(0);
    try {
      this.#utf8?.decode(piece, { stream: true });
    } catch {
      this.#utf8 = undefined;
    }
  }

  /** @throws CartonaError `usage` for what is no text */
  end(path: string): { encoding: Encoding; bom: number } {
    const first = this.#first;
    if (first === undefined) throw new CartonaError('usage', `${path} is empty; give a CSV file with a header line.`);
    if (first.subarray(0, 4).equals(ZIP) || first.subarray(0, 4).equals(OLD_OFFICE)) {
      throw new CartonaError(
        'usage',
        `${path} is a spreadsheet's own file, not CSV; save it as "CSV UTF-8" there and import that file.`,
      );
    }
    if (this.#marked && this.settled) return this.#marked;
    if (this.#zeros) throw new CartonaError('usage', `${path} is not a text file; give a CSV file.`);
    if (this.#endsAsUtf8()) return this.#marked ?? { encoding: 'UTF-8', bom: 0 };
    if (this.#marked)
      throw new CartonaError(
        'usage',
        `${path} begins as UTF-8 but is not UTF-8 throughout; save it again as "CSV UTF-8" and import that file.`,
      );
    return { encoding: 'Windows-1256', bom: 0 };
  }

  #endsAsUtf8(): boolean {
    try {
      this.#utf8?.decode();
      return this.#utf8 !== undefined;
    } catch {
      return false;
    }
  }
}

const ZIP = Buffer.from('PK\u0003\u0004', 'latin1');
const OLD_OFFICE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

/** What the first bytes alone tell: a byte order mark, or every other byte zero, as in UTF-16 without one. */
function marked(first: Buffer): { encoding: Encoding; bom: number } | undefined {
  if (first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf) return { encoding: 'UTF-8', bom: 3 };
  if (first[0] === 0xff && first[1] === 0xfe) return { encoding: 'UTF-16LE', bom: 2 };
  if (first[0] === 0xfe && first[1] === 0xff) return { encoding: 'UTF-16BE', bom: 2 };
  // A header line has ASCII separators at least; in UTF-16 these bring zeros in one half of the bytes only.
  let even = 0;
  let odd = 0;
  first.forEach((byte, at) => {
    if (byte !== 0) return;
    if (at % 2 === 0) even += 1;
    else odd += 1;
  });
  if (odd > 0 && even === 0 && odd * 10 > first.length) return { encoding: 'UTF-16LE', bom: 0 };
  if (even > 0 && odd === 0 && even * 10 > first.length) return { encoding: 'UTF-16BE', bom: 0 };
  return undefined;
}
