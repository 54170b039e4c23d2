/** The browser's channels: everybody hears everybody of the same name but themselves, until they close it. */
export const createChannelClass = () => {
  const open = new Set<EventTarget & { name: string }>();
  return {
    open,
    Channel: class extends EventTarget {
      readonly name: string;
      constructor(name: string) {
        super();
        this.name = name;
        open.add(this);
      }
      postMessage(data: unknown): void {
        for (const other of open) {
          if (other !== this && other.name === this.name) other.dispatchEvent(new MessageEvent('message', { data }));
        }
      }
      close(): void {
        open.delete(this);
      }
    },
  };
};
