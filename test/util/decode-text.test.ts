import { expect, it } from 'vitest';
import { decodeText } from '../../src/util/decode-text.js';

const TEXT = '{"größe": 1}';

it.each([
  ['UTF-8', Buffer.from(TEXT)],
  ['UTF-8 with its mark', Buffer.from(`\ufeff${TEXT}`)],
  ['UTF-16, as PowerShell writes it', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
  ['big-endian UTF-16', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16()],
])('is decoded: %s', (_, bytes) => expect(decodeText(bytes)).toBe(TEXT));
