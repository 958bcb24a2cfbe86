/** Whether the content of a file contradicts the type that its name says. */

/** Hold sound, pictures or both: the name says which. */
const CONTAINERS: ReadonlySet<string> = new Set([
  '3gpp',
  '3gpp2',
  'matroska',
  'mp2t',
  'mp4',
  'MP1S',
  'MP2P',
  'ogg',
  'quicktime',
  'vnd.ms-asf',
  'vnd.rn-realmedia',
  'webm',
  'x-flv',
  'x-m4a',
  'x-m4v',
  'x-ms-asf',
]);

/** What PDF is now and then found as: a drawing of Adobe Illustrator is one. */
const LIKE_PDF: ReadonlySet<string> = new Set([
  'application/pdf',
  'application/postscript',
  'application/eps',
]);

/** Found by so few bits that other content, such as random bytes, begins alike. */
const UNCERTAIN: ReadonlySet<string> = new Set([
  'application/postscript',
  'application/x-apple-diskimage',
  'application/x-arj',
  'application/x-compress',
  'application/x-cpio',
  'application/x-lzh-compressed',
  'application/x-msdownload',
  'audio/aac',
  'audio/mpeg',
  'audio/vnd.dolby.dd-raw',
  'image/bmp',
  'image/jxl',
]);

/** Whether other content often has what `shown` was told by. */
export const isUncertain = (shown: string): boolean => UNCERTAIN.has(shown);

/** Whether PDF is now and then found as `shown`. */
export const isLikePdf = (shown: string): boolean => LIKE_PDF.has(shown);

/** Types outside of media that are a format: of documents, archives and containers. */
const FORMATS =
  /^application\/(pdf|msword|rtf|postscript|ogg|mxf|vnd\..+|x-mobipocket-ebook|(epub\+)?zip|gzip|x-(tar|bzip2?|7z-compressed))$/;

/** Whether a type names what a file is for, such as a program, and not what its bytes are. */
export const saysNoFormat = (type: string): boolean => !isMediaFamily(split(type)[0]) && !FORMATS.test(type);

/** Begins the tags that most files of `audio/mpeg` have. */
const ID3 = 'ID3';

/**
 * @param named - the type by the name
 * @param shown - the type by the content, without parameters
 * @param sample - the first bytes
 */
export function contradicts(named: string, shown: string, sample: Uint8Array): boolean {
  if (isUncertain(shown) && !startsWith(sample, ID3)) return false;
  const [family, format] = split(named);
  const [shownFamily, shownFormat] = split(shown);
  if (named === 'application/pdf') return !isLikePdf(shown);
  if (family === shownFamily || format === shownFormat) return false;
  // Formats of one vendor are often built on a general one, such as ZIP.
  if (format.startsWith('vnd.') && shownFamily === 'application') return false;
  if (isAudible(family) && CONTAINERS.has(shownFormat)) return false;
  // Other files, such as documents, may contain pictures, sound and video, but do not begin with them.
  return isMediaFamily(family) || isMediaFamily(shownFamily);
}

const split = (type: string) => type.split('/', 2) as [string, string];
const isAudible = (family: string) => family === 'audio' || family === 'video';
const isMediaFamily = (family: string) => isAudible(family) || family === 'image';

function startsWith(sample: Uint8Array, text: string): boolean {
  return Buffer.from(sample.subarray(0, text.length)).toString('latin1') === text;
}
