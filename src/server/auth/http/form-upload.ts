import { TRPCError } from '@trpc/server';

/** How much of a form is looked at as anything but content. Each part of it takes far longer to read than its bytes. */
const MAX_PARTS = 1_000;
const MAX_HEADER_BYTES = 64_000;

const BOUNDARY = /;[ \t]*boundary=(?:"([^"\\]{1,70})"|([^\s;"]{1,70}))/i;

const END_OF_HEADERS = '\r\n\r\n';

/** @throws TRPCError `PAYLOAD_TOO_LARGE` */
const checkParts = (bytes: Buffer, boundary: string): void => {
  let parts = 0;
  let headerBytes = 0;
  let at = bytes.indexOf(boundary);
  while (at >= 0) {
    const found = bytes.indexOf(END_OF_HEADERS, at);
    const end = found < 0 ? bytes.length : found;
    parts += 1;
    headerBytes += end - at;
    if (parts > MAX_PARTS || headerBytes > MAX_HEADER_BYTES) throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE' });
    at = bytes.indexOf(boundary, end);
  }
};

/**
 * Reads a form. The runtime's own reader does so in one go, which nothing else may interrupt, and sets no bound to the
 * number of its parts: what one request brings could keep the process for seconds.
 * @throws TRPCError `PAYLOAD_TOO_LARGE`, `BAD_REQUEST`; and what the runtime throws for what is no form.
 */
export const readForm = async (bytes: Uint8Array<ArrayBuffer>, type: string): Promise<FormData> => {
  const [, quoted, plain] = BOUNDARY.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw new TRPCError({ code: 'BAD_REQUEST' });
  checkParts(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), boundary);
  // By the same boundary: the runtime may find another one in the type.
  const headers = { 'content-type': `multipart/form-data; boundary="${boundary}"` };
  return await new Response(bytes, { headers }).formData();
};
