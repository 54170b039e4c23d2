import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** How much may wait for a reader that does not keep up, in bytes. What comes beyond that is dropped. */
const MAX_WAITING = 1024 * 1024;

/** How often it is looked whether all is out, in milliseconds. */
const FLUSH_STEP = 5;

/** For how long an end waits for the last lines of the log, in milliseconds. */
export const FLUSH_MS = 300;

export interface LogOutput {
  stream: Writable;
  /** Settles when what was written is out, or after so many milliseconds. */
  flush(timeoutMs: number): Promise<void>;
}

const droppedLines = (dropped: number): string =>
  `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), dropped, msg: 'The reader of the log does not keep up: lines were dropped.' })}\n`;

/**
 * A pipe, a socket or a terminal. Nothing waits for its reader, which may be slow, stopped or gone. A named pipe may
 * find another one, so that each line is tried.
 */
const writeToSocket = (socket: Socket): ((line: string) => void) => {
  let dropped = 0;
  socket.on('error', () => {
    // EPIPE: the line is lost, and there is nowhere to tell it.
  });
  return (line) => {
    if (socket.writableLength > MAX_WAITING) {
      dropped += 1;
      return;
    }
    if (dropped > 0) socket.write(droppedLines(dropped));
    dropped = 0;
    socket.write(line);
  };
};

/** A file. A line that finds no room on the disk is lost, and the next one is tried. */
const writeToFile =
  (fd: number) =>
  (line: string): void => {
    try {
      writeFileSync(fd, line);
    } catch {
      // There is nowhere to tell it.
    }
  };

/**
 * Standard output as the log's, on which nothing of the server depends: not how it answers, and not how it ends. A
 * destination of pino writes synchronously, and tries again for as long as nobody takes what it has: with `server | tee
 * log` and Ctrl-C, for ever.
 */
export const createLogOutput = (stdout: NodeJS.WriteStream & { fd: number }): LogOutput => {
  // Types say that it always is one. Node.js has another class for files.
  const isSocket: boolean = stdout instanceof Socket;
  const write = isSocket ? writeToSocket(stdout) : writeToFile(stdout.fd);
  const stream = new Writable({
    decodeStrings: false,
    write: (line: string | Buffer, _encoding, done) => {
      write(line.toString());
      done();
    },
  });
  return {
    stream,
    flush: async (timeoutMs) => {
      const deadline = performance.now() + timeoutMs;
      // Once at least, for a stream that formats the lines on their way here.
      do await delay(FLUSH_STEP);
      while (stdout.writableLength > 0 && performance.now() < deadline);
    },
  };
};
