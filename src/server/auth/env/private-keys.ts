import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { PrivateKeyPem } from '../tokens/keys.ts';

/** RFC 7518 section 3.3 asks for 2048 bits or more. */
const MIN_RSA_BITS = 2048;

const PEM = /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----/g;

const algorithmOf = ({
  asymmetricKeyType,
  asymmetricKeyDetails,
}: KeyObject): PrivateKeyPem['algorithm'] | undefined => {
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS) return 'RS256';
  return undefined;
};

const readKey = (pem: string): PrivateKeyPem | undefined => {
  try {
    const algorithm = algorithmOf(createPrivateKey(pem));
    return algorithm && { algorithm, pem };
  } catch {
    // OpenSSL's reasons ("unsupported", "asn1 encoding routines") tell nobody anything.
    return undefined;
  }
};

/**
 * Reads one or several private keys in PEM, one after the other, with commas or space between them. Line ends may be
 * written as `\n`, as in a file of variables. The problem, if there is one, never repeats the text.
 */
export const readPrivateKeys = (text: string): { keys: PrivateKeyPem[]; problem?: string } => {
  const unescaped = text.replaceAll('\\n', '\n');
  const pems = unescaped.match(PEM) ?? [];
  const rest = unescaped.replace(PEM, '').replace(/[\s,]/g, '');
  if (pems.length === 0 || rest !== '') {
    return {
      keys: [],
      problem:
        'must be one or several private keys in PEM, each from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----',
    };
  }
  const keys = pems.map(readKey).filter((key) => key !== undefined);
  if (keys.length < pems.length) {
    return { keys, problem: 'must hold only unencrypted P-256 keys (ES256) or RSA keys of at least 2048 bits (RS256)' };
  }
  return { keys };
};
