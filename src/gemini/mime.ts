/** The MIME type of a file, without parameters: as its source knows it, else by name and content together, else by its server. */

import { fileTypeFromBuffer } from 'file-type';
import { contradicts, isLikePdf, isUncertain, saysNoFormat } from './content-conflict.js';
import { endingOf, typeOfEnding } from './name-type.js';
import {
  asLatin1,
  asSureLatin1,
  asText,
  describeWrongContent,
  describeWrongType,
  isArbitrary,
  looksLikeMarkup,
  looksLikeMessage,
  LFS_POINTER,
} from './text-content.js';
import { isWrittenAs } from './text-media.js';
import { isTextOfPdf } from './text-pdf.js';
import type { UploadSource } from './upload-source.js';
import { invalidOption } from '../contract/invalid-option.js';

/** What `file-type` wants to see of a file. */
const SAMPLE_BYTES = 4100;

const PDF = 'application/pdf';

/** Types that do not describe the content: generic ones, and those of a request's body. The second one is the default of S3. */
const ANYTHING: readonly RegExp[] = [
  /^application\/(x-)?octet-?stream$/,
  /^[^/]+\/octet-stream$/,
  /^application\/(x-)?(force-)?download$/,
  /^[^/]+\/(x-)?unknown$/,
  /^multipart\//,
  /^application\/x-www-form-urlencoded$/,
];

/** The names in the provider's documentation that differ from those of the libraries (provider fact F-STATE-MIME-NAMES). */
const NAMES_OF_PROVIDER: Readonly<Record<string, string>> = {
  'application/rtf': 'text/rtf',
  'application/xml': 'text/xml',
  'audio/x-flac': 'audio/flac',
  'audio/x-aac': 'audio/aac',
  'audio/x-aiff': 'audio/aiff',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'video/vnd.avi': 'video/x-msvideo',
  'video/x-ms-wmv': 'video/wmv',
  'video/x-m4v': 'video/mp4',
  'image/pjpeg': 'image/jpeg',
};

/** Endings that stand for a video, and for source code or other text. */
const AMBIGUOUS: ReadonlySet<string> = new Set(['ts', 'mts', 'm2ts']);

/** Types of texts beside `text/*`. */
const TEXTUAL: ReadonlySet<string> = new Set([
  'jsonl',
  'application/json',
  'application/ld+json',
  'application/javascript',
  'application/toml',
  'application/yaml',
]);

/**
 * The MIME type of a file: the one that is given, else what its name and its first bytes say together, as docs/options.md describes.
 *
 * @param source - the file
 * @returns the type without parameters, such as `video/mp4`, or `jsonl`
 * @throws InvalidOptionsError on `mimeType` if nothing tells the type, or if the content is not what the name says
 * @throws SourceError, or what else the source fails with, if its first bytes cannot be read
 */
export async function detectMimeType(source: UploadSource): Promise<string> {
  if (source.mimeType) return withoutParameters(source.mimeType);
  const sample = await readSample(source);
  const whole = sample.length === source.sizeBytes;
  const shown = withoutParameters((await fileTypeFromBuffer(sample))?.mime ?? '');
  const content = { sample, shown, whole };
  const text = textOf(content, typeByName(source.name));
  const type = text === undefined ? typeOfBinary(source, content) : typeOfText(source, content, text);
  if (type !== undefined) return type;
  throw invalidOption(
    'mimeType',
    `neither the name nor the content of ${source.label} tells its type; give mimeType`,
  );
}

/** The text of a file that is a text; undefined of others. @param named - the type that its name says */
function textOf({ sample, shown, whole }: Content, named: string | undefined): string | undefined {
  const text = asText(sample, whole);
  // `file-type` takes any text for a PDF that begins with the word.
  if (text !== undefined) return shown === PDF && isTextOfPdf(text) ? undefined : text;
  const latin1 = asSureLatin1(sample);
  if (latin1 === undefined) return undefined;
  if (shown === PDF) return isMedia(named ?? '') || isTextOfPdf(latin1) ? undefined : latin1;
  if (named === PDF && isLikePdf(shown)) return undefined;
  // Almost any bytes are a text in Latin-1, so any signature counts for more, unless it is one of texts.
  const isOther = shown !== '' && !isUncertain(shown) && !isTextual(shown) && !/xml$/.test(shown);
  return isOther ? undefined : latin1;
}

/** The beginning of a file. */
interface Content {
  readonly sample: Uint8Array;
  /** The type that a signature in it shows; empty if there is none. */
  readonly shown: string;
  /** Whether the file has no more bytes. */
  readonly whole: boolean;
}

/** @throws InvalidOptionsError if it is not the content of the file that the name says */
function typeOfText({ name, label, contentType }: UploadSource, content: Content, text: string): string {
  const named = typeByName(name);
  if (LFS_POINTER.test(text)) throw wrong(label, describeWrongContent('lfs', named));
  const served = typeByServer(contentType);
  if (named === undefined) return served ?? 'text/plain';
  if (isXml(named)) {
    if (/^\s*</.test(text) && !(named.startsWith('image/') && looksLikeMarkup(text) === 'html')) return named;
    if (!named.startsWith('image/')) return 'text/plain';
  }
  if (isTextual(named)) return named;
  // That of a program that answered: the server knows better.
  if (saysNoFormat(named) && served !== undefined && isTextual(served)) return served;
  if (!isMedia(named) || AMBIGUOUS.has(endingOf(name))) return 'text/plain';
  assertNoMessage(label, named, content, text);
  return named;
}

/** @throws InvalidOptionsError if `text` is what came in place of the media file `named` */
function assertNoMessage(label: string, named: string, { whole }: Content, text: string): void {
  if (isArbitrary(text) || isWrittenAs(named, text, whole)) return;
  const found = looksLikeMarkup(text) ?? (looksLikeMessage(text, whole) ? 'text' : undefined);
  if (found !== undefined) throw wrong(label, describeWrongContent(found, named));
}

/** @throws InvalidOptionsError if it is not the content of the file that the name says */
function typeOfBinary(source: UploadSource, content: Content): string | undefined {
  const { sample, shown } = content;
  const named = typeByName(source.name);
  const served = typeByServer(source.contentType);
  if (named === undefined || isTextual(named) || isXml(named)) {
    if (shown !== '' && !/xml$/.test(shown)) return ofProvider(shown);
    // A text in an encoding that nothing tells.
    return named ?? served;
  }
  const isServed = served !== undefined && !saysNoFormat(served);
  if (shown === '') {
    // The name is that of a program: the server knows better.
    const likely = isServed && saysNoFormat(named) ? served : named;
    const latin1 = isMedia(likely) ? asLatin1(sample) : undefined;
    if (latin1 !== undefined) assertNoMessage(source.label, likely, content, latin1);
    return likely;
  }
  if (saysNoFormat(named)) {
    if (isServed && !contradicts(served, shown, sample)) return served;
    if (isMedia(shown)) return ofProvider(shown);
  }
  // A container, such as that of a .docx, is not more than the name says.
  if (!contradicts(named, shown, sample)) return named;
  if (saysNoFormat(named) || (isServed && !contradicts(served, shown, sample))) return ofProvider(shown);
  throw wrong(source.label, describeWrongType(named, shown));
}

const wrong = (label: string, what: string) => invalidOption('mimeType', `${label} ${what}`);

function typeByServer(contentType: string | undefined): string | undefined {
  const type = withoutParameters(contentType ?? '').toLowerCase();
  return MIME_TYPE.test(type) && !isAnything(type) ? ofProvider(type) : undefined;
}

function typeByName(name: string): string | undefined {
  const named = typeOfEnding(name);
  return named !== undefined && !isAnything(named) ? ofProvider(named) : undefined;
}

const isAnything = (type: string) => ANYTHING.some((form) => form.test(type));

const isMedia = (type: string) => /^(audio|video|image)\//.test(type) || type === PDF;
const isTextual = (type: string) => type.startsWith('text/') || TEXTUAL.has(type);
const isXml = (type: string) => type.endsWith('+xml');

function ofProvider(type: string): string {
  const plain = withoutParameters(type);
  return NAMES_OF_PROVIDER[plain] ?? plain;
}

async function readSample(source: UploadSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.read(0, Math.min(SAMPLE_BYTES, source.sizeBytes)))
    chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const MIME_TYPE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/;

/** Types with parameters were refused when a prompt used the file (provider fact F-STATE-MIME-TYPE). */
const withoutParameters = (type: string) => type.split(';', 1)[0]?.trim() ?? type;
