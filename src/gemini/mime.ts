/** The MIME type of a file, without parameters: as its source knows it, else by name and content together, else by its server. */

import { fileTypeFromBuffer } from 'file-type';
import mime from 'mime';
import { InvalidOptionsError } from '../contract/errors.js';
import { asText, describeWrongContent, isRepetition, looksLikeMarkup, LFS_POINTER } from './text-content.js';
import type { UploadSource } from './upload-source.js';

/** What `file-type` wants to see of a file. */
const SAMPLE_BYTES = 4100;

/** Says no more than that it is a file. */
const ANYTHING = 'application/octet-stream';

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
};

/** What a batch job takes (provider fact F-STATE-JSONL). */
const BY_ENDING: Readonly<Record<string, string>> = { jsonl: 'jsonl', ndjson: 'jsonl' };

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

/** @throws InvalidOptionsError on `mimeType` if nothing tells the type, or if the content is not what the name says */
export async function detectMimeType(source: UploadSource): Promise<string> {
  if (source.mimeType) return withoutParameters(source.mimeType);
  const sample = await readSample(source);
  const text = asText(sample, sample.length === source.sizeBytes);
  const type =
    text === undefined
      ? await typeOfBinary(source.name, sample, source.contentType)
      : typeOfText(source, text, sample.length === source.sizeBytes);
  if (type !== undefined) return type;
  throw new InvalidOptionsError(
    `Invalid option mimeType: neither the name nor the content of ${source.label} tells its type; give mimeType`,
  );
}

/** @throws InvalidOptionsError if it is not the content of the file that the name says */
function typeOfText({ name, label, contentType }: UploadSource, text: string, whole: boolean): string {
  const named = typeByName(name);
  const wrong = (what: string) => new InvalidOptionsError(`Invalid option mimeType: ${label} ${what}`);
  if (LFS_POINTER.test(text)) throw wrong(describeWrongContent('lfs', named));
  if (named === undefined) return typeByServer(contentType) ?? 'text/plain';
  if (isXml(named)) {
    if (/^\s*</.test(text) && !(named.startsWith('image/') && looksLikeMarkup(text) === 'html')) return named;
    if (!named.startsWith('image/')) return 'text/plain';
  }
  if (isTextual(named)) return named;
  if (!isMedia(named) || AMBIGUOUS.has(endingOf(name))) return 'text/plain';
  const markup = looksLikeMarkup(text);
  if (markup !== undefined) throw wrong(describeWrongContent(markup, named));
  // Lines of words are a message or a document. Anything else may be a stand-in, as tests use it.
  if (/\S\s*\n/.test(text) && !isRepetition(text, whole)) throw wrong(describeWrongContent('text', named));
  return named;
}

async function typeOfBinary(
  name: string,
  sample: Uint8Array,
  contentType: string | undefined,
): Promise<string | undefined> {
  const named = typeByName(name);
  // A container, such as that of a .docx, is not more than the name says.
  if (named !== undefined && !isTextual(named) && !isXml(named)) return named;
  const byContent = await fileTypeFromBuffer(sample);
  if (byContent && !/xml$/.test(byContent.mime)) return ofProvider(byContent.mime);
  // A text in another encoding than UTF-8.
  return named ?? typeByServer(contentType);
}

function typeByServer(contentType: string | undefined): string | undefined {
  const type = withoutParameters(contentType ?? '').toLowerCase();
  return MIME_TYPE.test(type) && type !== ANYTHING ? type : undefined;
}

function typeByName(name: string): string | undefined {
  const named = BY_ENDING[endingOf(name)] ?? mime.getType(name);
  return named ? ofProvider(named) : undefined;
}

const endingOf = (name: string) => /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';

const isMedia = (type: string) => /^(audio|video|image)\//.test(type) || type === 'application/pdf';
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
