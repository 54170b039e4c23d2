import { createPrivateKeySet, createSecretKeySet, type KeySet } from 'latchkey/server';
import type { Config } from './config.ts';
import { type DevelopmentSecrets, developmentSecrets } from './development-secrets.ts';

export interface TokenKeys {
  accessTokenKeys: KeySet;
  refreshTokenKeys: KeySet;
  dataSecrets: readonly string[];
}

/**
 * The keys of both kinds of token, and what seals data, made once. What the configuration leaves out in development is
 * made and kept.
 */
export const createTokenKeys = (
  config: Pick<
    Config,
    'accessTokenSecrets' | 'refreshTokenSecrets' | 'dataSecrets' | 'accessTokenPrivateKeys' | 'dataDir'
  >,
): TokenKeys => {
  let made: DevelopmentSecrets | undefined;
  const makeSecrets = (): DevelopmentSecrets => {
    made ??= developmentSecrets(config.dataDir);
    return made;
  };
  return {
    accessTokenKeys:
      config.accessTokenPrivateKeys === undefined
        ? createSecretKeySet(config.accessTokenSecrets ?? [makeSecrets().accessToken])
        : createPrivateKeySet(config.accessTokenPrivateKeys),
    refreshTokenKeys: createSecretKeySet(config.refreshTokenSecrets ?? [makeSecrets().refreshToken]),
    dataSecrets: config.dataSecrets ?? [makeSecrets().data],
  };
};
