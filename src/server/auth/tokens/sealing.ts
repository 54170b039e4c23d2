import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Where a sealed value lies. It can be opened nowhere else: who moves it to another row has nothing. */
export interface SealedPlace {
  table: string;
  /** The row's primary key. */
  row: string;
  userId: string | null;
}

export interface OpenedValue {
  value: string;
  /** Whether it was sealed by a secret that is about to go. Whoever uses it seals it again. */
  isOutdated: boolean;
}

/** Encrypts what the store keeps and has to give back: a dump of it yields no usable secret. */
export interface Sealing {
  readonly isOn: boolean;
  /** @throws TypeError where no secret was given. */
  seal(place: SealedPlace, value: string): string;
  /**
   * Undefined: by none of the secrets, in another place, or not as it was sealed.
   * @throws TypeError where no secret was given.
   */
  open(place: SealedPlace, sealed: string): OpenedValue | undefined;
}

/** The line for whoever starts the server. */
export const SECRET_MISSING = 'DATA_SECRET (dataSecrets) is missing: `npx latchkey secrets` makes one.';

const MIN_SECRET_BYTES = 32;
const KEY_BYTES = 32;
/** Random, so that one key is good for 2^32 values (NIST SP 800-38D section 8.3). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface SealingKey {
  id: string;
  key: Buffer;
}

const keyOf = (secret: string): SealingKey => {
  if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) throw new TypeError('A secret needs at least 32 bytes.');
  return {
    id: createHmac('sha256', secret).update('latchkey kid').digest('base64url').slice(0, 12),
    // RFC 5869: a secret may be longer than the key, and unevenly random.
    key: Buffer.from(hkdfSync('sha256', secret, '', 'latchkey sealing', KEY_BYTES)),
  };
};

/** Unambiguous, whatever the parts are. */
const associatedData = ({ table, row, userId }: SealedPlace): Buffer =>
  Buffer.from(JSON.stringify([table, row, userId]));

const missing = (): never => {
  throw new TypeError(SECRET_MISSING);
};

const decrypt = (key: Buffer, place: SealedPlace, text: string): string | undefined => {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(place));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
};

/**
 * AES-256-GCM (NIST SP 800-38D), bound to table, row and user.
 * @param secrets the first seals, all open, so that one can be replaced without losing what it has sealed. At least 32
 * bytes each. None: nothing can be sealed.
 * @throws TypeError when one is too short.
 */
export const createSealing = (secrets: readonly string[]): Sealing => {
  const keys = secrets.map(keyOf);
  const [sealing] = keys;
  if (sealing === undefined) return { isOn: false, seal: missing, open: missing };
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  return {
    isOn: true,
    seal: (place, value) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing.key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(associatedData(place));
      const encrypted = [nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return `${sealing.id}.${Buffer.concat(encrypted).toString('base64url')}`;
    },
    open: (place, sealed) => {
      const [id = '', text = ''] = sealed.split('.');
      const key = byId.get(id);
      const value = key && decrypt(key, place, text);
      return value === undefined ? undefined : { value, isOutdated: id !== sealing.id };
    },
  };
};
