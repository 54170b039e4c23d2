/** What mailed links report beside the core's events. No address is in it. */
export interface LinkEvent {
  event: 'email.change_requested' | 'email.confirmed' | 'email.changed' | 'email.displaced' | 'email.reverted';
  userId: string;
}
