/** What would begin a line of its own, or move to another column. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/**
 * Control characters (a terminal acts on them), what turns the direction of a text around, and what is not seen at
 * all. The joiners U+200C and U+200D stay: Arabic script needs them.
 */
const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const REPLACEMENT = '\ufffd';

/**
 * A text as it may be shown: on one line, whatever came from outside in it, and nothing in it that a terminal acts on
 * or that makes it look like something else.
 */
export const oneLine = (text: string): string => text.replace(BREAKS, ' ').replace(UNSAFE, REPLACEMENT);

/**
 * JSON text with the characters that `oneLine` replaces escaped: the same value for whoever parses it, and harmless on
 * a terminal. The line breaks of indented JSON stay.
 */
export const harmlessJson = (json: string): string =>
  json.replace(UNSAFE, (character) =>
    character === '\n'
      ? character
      : Array.from(
          { length: character.length },
          (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
        ).join(''),
  );
