// Loaded into a daemon before everything else (node --import): it breaks inside over one client, one log line, one signal.

import { Blocks } from '../../src/blocks/blocks.ts';
import { LogReader } from '../../src/maillog/reader.ts';

/** BROKEN_CLIENT: whose verdict breaks. BROKEN_HOST: from which a connection breaks the reader of the log. */
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
