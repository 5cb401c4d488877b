/** No system that is spoken to nests its values as deeply; what goes over them one by one would run out of stack. */
const DEEPEST = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What came is nested more deeply than anything that a system spoken to sends. */
export class TooDeep extends Error {
  constructor() {
    super(`nested more than ${DEEPEST} levels deep`);
  }
}

/** Parses JSON from outside. @throws SyntaxError when it is not JSON; TooDeep */
export function parseUntrustedJson(text: string): unknown {
  refuseDeepJson(text);
  return JSON.parse(text) as unknown;
}

/** `undefined` for what `parseUntrustedJson` refuses. */
export function readUntrustedJson(text: string): unknown {
  try {
    return parseUntrustedJson(text);
  } catch {
    return undefined;
  }
}

/** XML of an XML-RPC answer nests by arrays and structs. @throws TooDeep */
export function refuseDeepXml(text: string): void {
  let depth = 0;
  for (const [tag] of text.matchAll(/<\/?(?:array|struct)\b/gi)) {
    depth += tag[1] === '/' ? -1 : 1;
    if (depth > DEEPEST) throw new TooDeep();
  }
}

function refuseDeepJson(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > DEEPEST) throw new TooDeep();
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
}

/** Where the string that begins at a quote ends; the end of the text where it does not. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}
