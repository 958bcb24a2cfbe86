/** Formats of media that are written as text: how the text of each begins. */

import mime from 'mime';
import { hasRefusal, looksLikeRefusal } from './text-content.js';
import { isTextOfPdf } from './text-pdf.js';

const COMMENT_OF_C = String.raw`(\/\*[^]*?\*\/\s*)?`;

/** Portable maps: the kind, and the width and the height, or a line of the header. Of P4 to P6, only the beginning is sure to be text. */
const PORTABLE_MAP =
  /^(P[1-6]\s+(#[^\n]*\n\s*)*\d+\s+(#[^\n]*\n\s*)*\d+\s|P7\s+(#[^\n]*\n\s*)*((WIDTH|HEIGHT|DEPTH|MAXVAL)\s+\d|TUPLTYPE\s+[A-Z_]+\s))/;

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
  'image/cgm': /^\s*(%[^%]*%\s*)?BEGMF\s+(%[^%]*%\s*)?['"]/i,
  'image/fits': /^SIMPLE {2}= *[TF]\b/,
  'image/vnd.dxf': /^\s*(999[ \t]*\r?\n[^\n]*\n\s*)*0[ \t]*\r?\n\s*SECTION\b/,
  'image/x-portable-anymap': PORTABLE_MAP,
  'image/x-portable-bitmap': PORTABLE_MAP,
  'image/x-portable-graymap': PORTABLE_MAP,
  'image/x-portable-pixmap': PORTABLE_MAP,
  'image/x-xbitmap': new RegExp(String.raw`^\s*${COMMENT_OF_C}#define\s+\w*width\s+\d`),
  'image/x-xpixmap': /^\s*(\/\*\s*XPM\s*\*\/|! XPM2\b)/,
  'application/pdf': isTextOfPdf,
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

/** Says itself that it is a list; a mark of UTF-8 may be left in what is read as Latin-1. */
const HEAD_OF_LIST = /^(\xef\xbb\xbf)?\s*#EXT(M3U|INF)\b/;

/** Says itself that it is a list, or has nothing but addresses, names of files, and comments. */
function isPlaylist(text: string, whole: boolean): boolean {
  if (HEAD_OF_LIST.test(text)) return true;
  const lines = text.split(/\r?\n|\r/).map((line) => line.trim());
  // The last line of a sample may be cut.
  if (!whole && lines.length > 1) lines.pop();
  const entries = lines.filter((line) => line !== '' && !line.startsWith('#'));
  // One name may begin with a number that is also a status: it is a message only if it is alone.
  if (entries.length === 1 && looksLikeRefusal((entries[0] ?? '').replace(/[?#].*/, ''))) return false;
  return entries.length > 0 && entries.every((line) => isEntry(line));
}

/** An address without blanks. What is behind `?` or `#` is not of the resource's name. */
const ADDRESS = /^([a-z][a-z0-9+.-]+:\/\/[^\s?#]+)\S*$/i;

/** Endings of sound, video and lists that the table of types does not have as such. */
const OTHER_ENDINGS =
  /\.(3ga|ac3|ape|cda|dff|divx|dsf|it|m3u8|mod|mpc|ogx|pls|rm|rmvb|tak|tta|wpl|wv|xspf)$/i;

/** Whether a line leads to something: an address, or the name of a file of sound or video, which has no `: ` in it as a message has. */
function isEntry(line: string): boolean {
  const address = ADDRESS.exec(line)?.[1];
  if (address !== undefined) return !hasRefusal(address);
  const isNamed = /^(audio|video)\//.test(mime.getType(line) ?? '') || OTHER_ENDINGS.test(line);
  return isNamed && !line.includes(': ') && !hasRefusal(line);
}
