// The log lines of postscreen(8) about clients (POSTSCREEN_README); the client is always `[address]:port`.

import { Words } from '../syslog/words.ts';
import { type Client, clientAt } from './client.ts';
import type { Fact } from './fact.ts';
import { type Beginning, Beginnings } from './prefix-table.ts';
import { rejectionFact } from './rejection.ts';

const NO_QUEUE = new Words('NOQUEUE: ');
/** Its first letter. */
const OF_NO_QUEUE = 78;

type Reader = (message: string, from: number) => Fact | undefined;

interface Statement extends Beginning {
  readonly read: Reader;
}

type Maker = (client: Client) => Fact;

/**
 * A test that failed ends the connection where its postscreen_*_action is `drop`; at `enforce` the client may stay and
 * is refused, at `ignore` it may pass. The log shows only how the connection ends.
 */
const notice = about((client) => ({ type: 'notice', client, class: 'postscreen', command: undefined }));
const drop = about((client) => ({ type: 'drop', client, class: 'postscreen', isHastened: false }));
const hastened = about((client) => ({ type: 'drop', client, class: 'postscreen', isHastened: true }));

const STATEMENTS = new Beginnings<Statement>([
  { words: 'DISCONNECT ', read: about((client) => ({ type: 'disconnect', client, message: '' })) },
  { words: 'PASS NEW ', read: about((client) => ({ type: 'pass', client })) },
  { words: 'PASS OLD ', read: about((client) => ({ type: 'pass', client })) },
  { words: 'PREGREET ', read: behindTime(notice) },
  { words: 'NON-SMTP COMMAND from ', read: notice },
  { words: 'COMMAND PIPELINING from ', read: notice },
  { words: 'BARE NEWLINE from ', read: notice },
  // STRESS mode shortens this one (postscreen.h, PSC_EFF_CMD_TIME_LIMIT).
  { words: 'COMMAND TIME LIMIT from ', read: hastened },
  { words: 'COMMAND COUNT LIMIT from ', read: drop },
  { words: 'COMMAND LENGTH LIMIT from ', read: drop },
  { words: 'DATA without valid RCPT from ', read: drop },
  { words: 'BDAT without valid RCPT from ', read: drop },
  { words: 'HANGUP ', read: behindTime(about((client) => ({ type: 'abandon', client }))) },
  // `all screening ports busy`: postscreen_pre_queue_limit is reached, which is past where STRESS mode begins.
  { words: 'reject: connect from ', read: hastened },
  { words: 'entering STRESS mode ', read: () => ({ type: 'screening-stress', isOver: false }) },
  { words: 'leaving STRESS mode ', read: () => ({ type: 'screening-stress', isOver: true }) },
]);

const REJECT_CONNECT = 'reject: CONNECT from ';
/** postscreen_post_queue_limit: no smtpd process is left for any client. */
const HOST_BUSY = ': all server ports busy';
const SCREENING_BUSY = ': all screening ports busy';

/** `14 after 0.08 from [address]:port: TEXT` after PREGREET, `after 0.5 from [address]:port in TESTS` after HANGUP */
const TIMED = /(?:\d{1,10} )?after [\d.]{1,16} from /y;

export function postscreenFact(message: string): Fact | undefined {
  if (message.charCodeAt(0) === OF_NO_QUEUE && NO_QUEUE.standAt(message, 0)) {
    const rest = message.slice(NO_QUEUE.length);
    return rest.startsWith(REJECT_CONNECT) ? refusedConnection(rest) : rejectionFact(rest, undefined);
  }
  const found = STATEMENTS.of(message, 0);
  return found?.read(message, found.words.length);
}

function refusedConnection(rest: string): Fact | undefined {
  if (rest.endsWith(HOST_BUSY)) return { type: 'uncounted', why: 'host-busy' };
  return (rest.endsWith(SCREENING_BUSY) ? hastened : drop)(rest, REJECT_CONNECT.length);
}

function about(make: Maker): Reader {
  return (message, from) => {
    const client = clientAt(message, from);
    return client && make(client);
  };
}

function behindTime(read: Reader): Reader {
  return (message, from) => {
    TIMED.lastIndex = from;
    return TIMED.test(message) ? read(message, TIMED.lastIndex) : undefined;
  };
}
