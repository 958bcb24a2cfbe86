/** Formats of media that are written as text: how the text of each begins. */

const COMMENT_OF_C = String.raw`(\/\*[^]*?\*\/\s*)?`;

/** Portable maps: the kind, comments, and the width. Of P4 to P6, only the beginning is sure to be text. */
const PORTABLE_MAP = /^(P[1-6]\s+(#[^\n]*\n\s*)*\d+\s|P7\s+(#[^\n]*\n\s*)*(WIDTH|HEIGHT|DEPTH|MAXVAL)\s)/;

/** A list in XML, or in the form of an .ini file. */
const ADVANCED_LIST = /^\s*(<asx\b|\[reference\]\s)/i;

type Form = RegExp | ((text: string, whole: boolean) => boolean);

const FORMS: Readonly<Record<string, Form>> = {
  'audio/x-mpegurl': isPlaylist,
  'audio/x-pn-realaudio': isPlaylist,
  'audio/x-pn-realaudio-plugin': isPlaylist,
  'video/vnd.mpegurl': isPlaylist,
  'audio/x-ms-wax': ADVANCED_LIST,
  'video/x-ms-asf': ADVANCED_LIST,
  'video/x-ms-wmx': ADVANCED_LIST,
  'video/x-ms-wvx': ADVANCED_LIST,
  'image/cgm': /^\s*(%[^%]*%\s*)?BEGMF\b/i,
  'image/fits': /^SIMPLE {2}=/,
  'image/vnd.dxf': /^\s*(999[ \t]*\r?\n[^\n]*\n\s*)*0[ \t]*\r?\n\s*SECTION\b/,
  'image/x-portable-anymap': PORTABLE_MAP,
  'image/x-portable-bitmap': PORTABLE_MAP,
  'image/x-portable-graymap': PORTABLE_MAP,
  'image/x-portable-pixmap': PORTABLE_MAP,
  'image/x-xbitmap': new RegExp(String.raw`^\s*${COMMENT_OF_C}#define\s+\w*width\s+\d`),
  'image/x-xpixmap': /^\s*(\/\*\s*XPM\s*\*\/|! XPM2\b)/,
  // Its header may stand behind something else, such as what a mail program has left.
  'application/pdf': /^(?!\s*[<{[])([^]{0,1019}[\r\n])?[ \t]*%PDF-\d/,
};

/**
 * Whether a text is of a media type, as far as it is one that is written as text.
 *
 * @param whole - whether the file has no more characters
 */
export function isWrittenAs(type: string, text: string, whole: boolean): boolean {
  const form = FORMS[type];
  return form instanceof RegExp ? form.test(text) : form?.(text, whole) === true;
}

/** A line that leads to something: an address, or the name of a file, which has no `: ` in it as a message has. */
const ENTRY = /^([a-z][a-z0-9+.-]+:\/\/\S+|((?!: ).)*\S\.[a-z0-9]{2,5})$/i;

/** Says itself that it is a list, or has nothing but addresses, names of files, and comments. */
function isPlaylist(text: string, whole: boolean): boolean {
  if (/^\s*#EXT(M3U|INF)\b/.test(text)) return true;
  const lines = text.split(/\r?\n|\r/).map((line) => line.trim());
  // The last line of a sample may be cut.
  if (!whole && lines.length > 1) lines.pop();
  const entries = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return entries.length > 0 && entries.every((line) => ENTRY.test(line));
}
