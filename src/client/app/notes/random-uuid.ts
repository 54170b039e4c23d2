/**
 * A random UUID (RFC 9562 section 5.4). Not by `crypto.randomUUID`, which a page has over https and on this machine
 * alone: one that was opened over plain http from another machine of the house has `getRandomValues`.
 */
export const randomUuid = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, index) => {
    // The version and the variant stand where others have random bits.
    const value = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return value.toString(16).padStart(2, '0');
  }).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
