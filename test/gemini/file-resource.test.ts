import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeSha256, isFileResource, toGeminiFile } from '../../src/gemini/file-resource.js';

const hex = createHash('sha256').update('content').digest('hex');

describe('decodeSha256', () => {
  it.each([
    ['base64 of the hex text, as the live API sends it', Buffer.from(hex).toString('base64')],
    ['base64 of upper-case hex', Buffer.from(hex.toUpperCase()).toString('base64')],
    ['base64 of the bytes, as documented', Buffer.from(hex, 'hex').toString('base64')],
    ['base64url of the bytes', Buffer.from(hex, 'hex').toString('base64url')],
    ['hex', hex],
    ['upper-case hex', hex.toUpperCase()],
  ])('reads %s', (_, text) => {
    expect(decodeSha256(text)).toBe(hex);
  });

  it.each(['', 'nonsense', Buffer.alloc(31).toString('base64'), 'zz'.repeat(32)])(
    'makes nothing of %j',
    (text) => {
      expect(decodeSha256(text)).toBe('');
    },
  );
});

const as = (text: string) => text;

describe('toGeminiFile', () => {
  it('normalises a recorded resource', () => {
    const recorded = {
      name: 'files/x27lu0k9zc2k',
      displayName: 'Sample audio',
      mimeType: 'audio/mpeg',
      sizeBytes: '41762063',
      createTime: '2025-02-14T22:33:33.377817Z',
      updateTime: '2025-02-14T22:33:33.377817Z',
      expirationTime: '2025-02-16T22:33:33.359672295Z',
      sha256Hash: Buffer.from(hex).toString('base64'),
      uri: 'https://generativelanguage.googleapis.com/v1beta/files/x27lu0k9zc2k',
      state: 'ACTIVE',
      source: 'UPLOADED',
    };
    expect(toGeminiFile(recorded, as)).toEqual({
      name: recorded.name,
      displayName: recorded.displayName,
      mimeType: recorded.mimeType,
      sizeBytes: 41762063,
      createTime: recorded.createTime,
      updateTime: recorded.updateTime,
      expirationTime: recorded.expirationTime,
      sha256: hex,
      uri: recorded.uri,
      state: 'ACTIVE',
    });
  });

  it.each([undefined, '', 'STATE_UNSPECIFIED', 'NEW_ONE', 2])(
    'takes the state %j for PROCESSING',
    (state) => {
      expect(toGeminiFile({ name: 'files/a', state }, as).state).toBe('PROCESSING');
    },
  );

  it('keeps the reason of a failure', () => {
    const error = { code: 13, message: 'Can not find message descriptor', details: [] };
    expect(toGeminiFile({ name: 'files/a', state: 'FAILED', error }, as)).toMatchObject({
      state: 'FAILED',
      error: { code: 13, message: 'Can not find message descriptor' },
    });
  });

  it.each([null, [], {}, { name: 'models/x' }, { name: 'files/../x' }, { name: 3 }])(
    'knows that %j is no file',
    (value) => {
      expect(isFileResource(value)).toBe(false);
    },
  );
});
