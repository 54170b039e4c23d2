import type { FactorList } from '../../../shared/auth/index.ts';
import type { AuthDatabase } from '../store/tables.ts';

/** What a feature knows and keeps of an account. */
export interface FeatureAccounts {
  /** What it adds to `factors.list`. */
  describe?(userId: string): Promise<Partial<FactorList>>;
  /**
   * What it keeps of a person, for `user.export`: no secrets, and nobody else's address. A value that JSON can hold;
   * undefined where there is nothing.
   */
  exportOf?(userId: string): Promise<unknown>;
  /**
   * Removes what it keeps of an account that is deleted, in that transaction. Rows that refer to the account go by
   * themselves, but only when no access token of it can be about any more.
   */
  onDelete?(userId: string, transaction: AuthDatabase): Promise<void>;
}

const NO_FACTORS: FactorList = {
  totp: [],
  passkeys: [],
  passkeyUserHandle: null,
  recoveryCodesLeft: 0,
  trustedBrowsers: 0,
  identities: [],
  hasPassword: false,
};

export type AccountHooks = ReturnType<typeof createAccountHooks>;

/** What all features given know and keep of accounts. */
export const createAccountHooks = () => {
  const features: (FeatureAccounts & { name: string })[] = [];
  return {
    /** Called once for each feature that is installed. */
    add: (name: string, { describe, exportOf, onDelete }: FeatureAccounts): void => {
      features.push({
        name,
        ...(describe && { describe }),
        ...(exportOf && { exportOf }),
        ...(onDelete && { onDelete }),
      });
    },

    describe: async (userId: string): Promise<FactorList> => {
      let list = NO_FACTORS;
      for (const feature of features) list = { ...list, ...(await feature.describe?.(userId)) };
      return list;
    },

    /** By the names of the features. */
    exportOf: async (userId: string): Promise<Record<string, unknown>> => {
      const kept: [string, unknown][] = [];
      for (const feature of features) {
        const ofFeature = await feature.exportOf?.(userId);
        if (ofFeature !== undefined) kept.push([feature.name, ofFeature]);
      }
      return Object.fromEntries(kept);
    },

    onDelete: async (userId: string, transaction: AuthDatabase): Promise<void> => {
      for (const feature of features) await feature.onDelete?.(userId, transaction);
    },
  };
};
