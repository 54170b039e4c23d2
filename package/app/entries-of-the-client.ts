import { loginInput, type Reason } from 'latchkey/shared';
import { createAuthKit } from 'latchkey/testing';

export const kit = createAuthKit({ procedures: { hello: () => 'Hello' } });
export const input = loginInput;
export const reason: Reason = 'access_token_expired';
