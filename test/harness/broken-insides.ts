// Loaded into a daemon before all else (node --import): makes it throw for one client, one log line and one signal.

import { Blocks } from '../../src/blocks/blocks.ts';
import { LogReader } from '../../src/maillog/reader.ts';

/** The verdict on BROKEN_CLIENT throws. A connection from BROKEN_HOST makes the log reader throw. */
const { BROKEN_CLIENT, BROKEN_HOST } = process.env;

const { refusing } = Blocks.prototype;
Blocks.prototype.refusing = function (address, ...rest) {
  if (address === BROKEN_CLIENT) throw new Error('the verdict is broken');
  return refusing.call(this, address, ...rest);
};

const { read } = LogReader.prototype;
LogReader.prototype.read = function (record, ...rest) {
  if (record.message.startsWith(`connect from ${BROKEN_HOST}[`)) throw new Error('the reader is broken');
  return read.call(this, record, ...rest);
};

process.on('SIGUSR2', () => {
  throw new Error('a part that nobody guards is broken');
});
