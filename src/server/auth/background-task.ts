/** What is done beside the requests: deleting expired rows, reading what other processes revoked, sending mails. */
export type BackgroundTask = 'purge' | 'revocations' | 'mail';
