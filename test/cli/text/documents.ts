// Small whole documents of each format, and the ways in which one change makes them wrong.

export const SCHEMA_NAMES = [
  'audit',
  'snapshot',
  'list',
  'show',
  'find',
  'status',
  'done',
  'error',
  'replay',
  'explain',
  'check',
  'notice',
] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

const AT = '2026-11-24T19:09:10.000Z';
const BLOCK = `"rule":"auth-failures","since":"${AT}","until":"${AT}","count":30`;
const EVIDENCE = `{"at":"${AT}","kind":"auth-failure","mechanism":"LOGIN","line":"mx1 postfix/smtpd[1]: x"}`;
const MAIL = `{"at":"${AT}","stage":"RCPT","sender":"","recipient":"a@example.net"}`;
const LISTED = `"ip":"192.0.2.7","name":null,"enforced":true,${BLOCK},"refused":1,"lastRefused":"${AT}","by":null,"reason":null`;
const SPARED = `{"ip":"192.0.2.7","rule":"r","enforced":true,"reason":"share","since":"${AT}","last":"${AT}","bad":120,"good":5880,"share":0.1}`;
const TROUBLE = `{"what":"log-silent","since":"${AT}","reason":"nothing is counted"}`;
const FOUND_THERE = `{"ip":"192.0.2.8","state":"none","rule":null,"until":null,"matches":1,"newest":{"at":"${AT}","place":"refused-mail","event":null,"field":"sender","text":"bob@example.com"}}`;
const ORIGIN = `"version":1,"at":"${AT}","source":"daemon","trouble":[${TROUBLE}]`;
const HEAD = `"version":1,"sequence":1,"written":"${AT}"`;
const DONE =
  `{"what":"unblocked","ip":"192.0.2.7","rule":"r","until":null,"lastAbuse":"${AT}","lastRefused":null},` +
  `{"what":"grace","ip":"192.0.2.7","rule":null,"until":"${AT}"}`;
const HAND = '"by":"alice","why":"ticket 4711"';

const FORM = '{"form":"smtpd: x","count":1,"example":"mx1 postfix/smtpd[1]: x","why":null}';
const LOST =
  `{"at":"${AT}","queueId":"4F1B2A3C4D","ip":"192.0.2.7","name":null,"user":null,"rule":"r","sender":"",` +
  '"recipients":[{"address":"a@example.net","status":"sent"}],"recipientCount":1,"outcome":"delivered"}';
const REPORT =
  '{"version":1,"event":"report","policy":{"path":"/etc/postblock/policy.yml","set":[]},' +
  `"read":{"sources":["-"],"bytes":1,"lines":1,"records":1,"from":"${AT}","to":"${AT}","repeated":0,"leftOut":0,"first":"${AT}","last":"${AT}","hosts":["mx1"],"isComplete":true},` +
  '"events":[{"kind":"auth-failure","count":30,"ips":1,"classes":[]},{"kind":"probe","count":1,"ips":1,"classes":[{"class":"vrfy","count":1,"ips":1}]}],' +
  '"total":{"blocks":1,"counted":30,"stopped":0},' +
  '"sparing":{"without":{"blocks":2,"stopped":0,"lost":2},' +
  '"clients":[{"ip":"192.0.2.9","name":null,"rule":"r","reason":"share","times":1,"bad":30,"good":900,"accepted":900,"lostWithout":1}],' +
  `"breaker":[{"at":"${AT}","closed":null,"ip":"192.0.2.9","blocked":6,"standing":200}]},` +
  `"rules":[{"rule":"r","limit":30,"within":3600,"blockFor":86400,"share":0.1,"enforced":true,"events":30,"blocks":1,"ips":1,"again":0,"first":"${AT}","medianToBlock":0,"stopped":0,"lost":1,"spared":1,"sparedIps":1,"without":{"blocks":2,"ips":2,"stopped":0,"lost":2}}],` +
  `"offenders":[{"ip":"192.0.2.7","name":null,"events":{"auth-failure":30},"classes":[],"blocks":1,"firstBlock":"${AT}","rules":["r"],"stopped":0,"accepted":1,"lost":1}],` +
  '"cost":{"isKnown":true,"accepted":1,"lost":1,"delivered":1,"passed":0,"ips":1,' +
  '"clients":[{"ip":"192.0.2.7","name":null,"lost":1,"delivered":1,"accepted":1,"events":{"auth-failure":30},"rules":["r"]}],' +
  `"mails":[${LOST}],"allow":[{"entry":"192.0.2.7","ips":["192.0.2.7"],"mails":1}]},` +
  '"sweeps":[{"key":"rules.r.limit","rule":"r","values":[{"value":"30","isCurrent":true,"blocks":1,"ips":1,"events":30,"stopped":0,"lost":1,"lostIps":1,"sparedIps":0}]}],' +
  `"timeline":{"start":"${AT}","width":60,"rules":[{"rule":"r","events":[30],"blocks":[1]}],"accepted":[1],"lost":[1]},` +
  '"distributions":[{"rule":"r","limit":30,"within":3600,"bins":[{"from":1,"to":1,"count":0}]}],' +
  '"shares":[{"rule":"r","sort":"logins","limit":30,"within":3600,"share":0.1,"clients":2,' +
  '"points":[{"events":30.5,"part":0.03125,"clients":2,"isBlocked":false}],' +
  '"outstanding":[{"ip":"192.0.2.9","name":null,"events":31,"bad":31,"good":900,"isBlocked":false}]}],' +
  `"blindSpots":{"unreadable":[],"uncounted":[${FORM}],"others":0},"notes":["A sentence."]}`;

const EXPLAINED = '{"version":1,"source":"-","line":7,"text":"Nov 23 10:00:00 mx1 postfix/smtpd[1]: x"';
const RECORD = `"record":{"at":"${AT}","program":"smtpd","process":"mx1 postfix/smtpd[1]","repeat":1}`;
const CLIENT = '"client":{"address":"192.0.2.7","name":null,"key":"192.0.2.7","allowed":null,"isNamed":true}';
const EVENT =
  '{"kind":"rejected-recipient","class":"unknown-recipient","count":1,"ending":null,' +
  '"rules":[{"rule":"r","limit":100,"within":3600,"enforced":true}]}';

export const VALID: Readonly<Record<SchemaName, readonly string[]>> = {
  snapshot: [
    `{"version":3,"written":"${AT}","auditSequence":7,"allowed":[{"entry":"192.0.2.0/24","at":"${AT}","until":"${AT}",${HAND}}],"allowedBefore":[],` +
      '"log":[{"type":"file","path":"/var/log/mail.log","inode":1,"offset":2,"mark":"x"},{"type":"journal","cursor":"s=1"}],' +
      `"clocks":{"/var/log/mail.log":{"newest":"${AT}","lag":0,"ahead":0,"behind":0}},"numbers":{"/var/log/mail.log":{"since":"${AT}","last":7}},` +
      '"sessions":{"open":[["mx1 postfix/smtpd[1",{"address":"192.0.2.7","ended":"dropped","class":"timeout","line":"x"}]],"swept":0,"authLost":[],"stress":{"services":[["mx1 postfix",1]],"screening":[],"clients":[]},"logins":[["mx1",{"failingSince":0,"overAt":0,"known":[["192.0.2.7",[1],[1,0,0,0,0,0]]]}]]},' +
      `"texts":["No."],"goodCounters":[{"sort":"recipients","within":3600},{"sort":"connections","within":600,"until":"${AT}"}],"ips":{"192.0.2.7":{"block":{${BLOCK},"refused":1,"firstRefused":"${AT}","lastRefused":"${AT}","lastAbuse":"${AT}","name":"mail.example.org",` +
      `"counts":{"auth-failure":30},"classes":{"milter":3},"evidence":[${EVIDENCE}],"mails":[${MAIL}]}},` +
      `"2001:db8::/64":{"watching":[{${BLOCK},"refused":0,"ended":false}],"ignoredBefore":"${AT}","events":{"auth-failure":["${AT}"],"unknown-recipient":["${AT}"]}}},"good":{"192.0.2.25":[2,1,0,3,4,0,7,1000]},"tracked":2,"trackedGood":1,"crc32":"0123abcd"}`,
  ],
  audit: [
    `{${HEAD},"event":"block","at":"${AT}","ip":"192.0.2.7","rule":"r","enforced":true,"until":"${AT}","count":30}`,
    `{${HEAD},"event":"block","at":"${AT}","ip":"192.0.2.7","rule":"r","enforced":true,"until":"${AT}","count":30,"classes":{"vrfy":30}}`,
    `{${HEAD},"event":"block","at":"${AT}","ip":"192.0.2.7","rule":"r","enforced":true,"until":"${AT}","count":0,${HAND}}`,
    `{${HEAD},"event":"end","at":"${AT}","ip":"192.0.2.7","rule":"r","enforced":false,"since":"${AT}","reason":"expired","refused":0}`,
    `{${HEAD},"event":"grace","at":"${AT}","ip":"2001:db8::/64","until":"${AT}",${HAND}}`,
    `{${HEAD},"event":"disallow","at":"${AT}","ip":"192.0.2.0/24"}`,
    `{${HEAD},"event":"spared","at":"${AT}","ip":"192.0.2.7","rule":"r","enforced":true,"reason":"share","bad":120,"good":5880,"share":0.1}`,
    `{${HEAD},"event":"breaker","at":"${AT}","ip":"192.0.2.7","state":"open","blocked":6,"standing":212}`,
    `{${HEAD},"event":"breaker","at":"${AT}","ip":"","state":"closed","blocked":0,"standing":212,"reason":"resumed",${HAND}}`,
  ],
  list: [
    `{${ORIGIN},"total":1,"blocks":[{${LISTED}}]}`,
    `{${ORIGIN},"total":1,"spared":[${SPARED}]}`,
    `{${ORIGIN},"total":7,"graces":[{"ip":"192.0.2.7","since":"${AT}","until":"${AT}","by":null,"reason":null}]}`,
    `{${ORIGIN},"total":1,"allowed":[{"ip":"192.0.2.0/24","since":"${AT}","until":"${AT}","by":"alice","reason":"x"}]}`,
    `{${ORIGIN},"total":2,"hosts":[{"host":"mx1","release":"1.0.0","rules":"0123456789ab","seen":"${AT}","lag":0,"sends":"live","backlog":0},{"host":"mx2","release":"1.0.0","rules":"0123456789ab","seen":"${AT}","lag":0,"sends":null,"backlog":null}]}`,
  ],
  show: [
    `{${ORIGIN},"ip":"192.0.2.7","key":"192.0.2.7","block":{${LISTED},"text":"No.","passes":null,"firstRefused":"${AT}",` +
      `"evidence":[${EVIDENCE}],"counts":{},"classes":{"milter":2},"mails":[${MAIL}]},"watching":[],"spared":[${SPARED}],` +
      '"counts":[{"rule":"r","enforced":true,"count":0,"limit":30,"within":3600,"sort":"logins","bad":0,"good":2,"share":0.5,"former":1,"blockFor":172800}],' +
      `"evidence":[${EVIDENCE}],` +
      '"graceUntil":null,"allowed":{"entry":"192.0.2.0/24","until":null,"by":null,"reason":null},' +
      `"lastAbuse":"${AT}","lastGood":"${AT}","history":[{${HEAD},"event":"disallow","at":"${AT}","ip":"192.0.2.7"}],` +
      `"elsewhere":{"seen":[{"host":"mx2","counts":[{"rule":"r","count":2}],"refused":1,"evidence":[${EVIDENCE}],"mails":[${MAIL}]}],"missing":["mx3"],"behind":[{"host":"mx3","backlog":7},{"host":"mx4","backlog":null}]}}`,
  ],
  status: [
    `{${ORIGIN},"release":"1.0.0","pid":4711,"started":"${AT}","starting":false,` +
      `"log":{"sources":["/var/log/mail.log"],"readTo":"${AT}","atEnd":true,"heard":null,"lines":3,"understood":2,"events":1,"lost":0},` +
      '"policy":{"listening":["inet:127.0.0.1:10040"],"connections":1,"dunno":2,"reject":3,"passed":1},' +
      '"tracked":4,"blocks":1,"forgotten":0,"spared":2,"breakerSince":null,"snapshot":{"written":null,"failed":"ENOSPC"},' +
      `"audit":{"lost":0,"failed":null},"faults":0,"stressUntil":"${AT}","loginsSpared":0,"policyMistakes":["policy.yml:1:1: x"],"sharing":{"host":"mx1","rules":"0123456789ab","up":true,"sends":"behind","countedTo":"${AT}","backlog":12}}`,
  ],
  replay: [
    `{"version":1,"event":"block","at":"${AT}","ip":"192.0.2.7","rule":"r","enforced":true,"until":"${AT}","count":30}`,
    `{"version":1,"event":"end","at":"${AT}","ip":"192.0.2.7","rule":"r","enforced":false,"since":"${AT}","reason":"expired","refused":0}`,
    `{"version":1,"event":"spared","at":"${AT}","ip":"192.0.2.7","rule":"r","enforced":true,"reason":"share","bad":30,"good":900,"share":0.1}`,
    `{"version":1,"event":"breaker","at":"${AT}","ip":"192.0.2.7","state":"open","blocked":6,"standing":200}`,
    `{"version":1,"event":"breaker","at":"${AT}","ip":"","state":"closed","blocked":0,"standing":190,"reason":"expired"}`,
    REPORT,
  ],
  explain: [
    `${EXPLAINED},"result":"counted","why":null,"reason":null,${RECORD},"fact":"reject","says":"rejected at RCPT",` +
      `${CLIENT},"events":[${EVENT}],"good":[],"expected":null}`,
    `${EXPLAINED},"result":"later","why":"session","reason":"x",${RECORD},"fact":"drop","says":"x",${CLIENT},` +
      `"events":[],"good":[],"expected":${EVENT}}`,
    `${EXPLAINED},"result":"unread","why":"no-time","reason":"x","record":null,"fact":null,"says":null,` +
      '"client":null,"events":[],"good":[],"expected":null}',
    `${EXPLAINED},"result":"good","why":"share","reason":"x",${RECORD},"fact":"queued","says":"x",${CLIENT},` +
      '"events":[],"good":[{"kind":"accepted-message","recipients":3,"isUserKnown":null,"rules":[' +
      '{"rule":"r","share":0.1,"forgives":false,"enforced":true}]}],"expected":null}',
  ],
  error: ['{"version":1,"error":{"code":"not-blocked","message":"192.0.2.7 is not blocked"}}'],
  find: [
    `{${ORIGIN},"sought":"bob","isNetwork":false,"found":[{"ip":"192.0.2.7","state":"blocked","rule":"r","until":"${AT}","matches":3,"newest":{"at":"${AT}","place":"evidence","event":null,"field":"user","text":"bob"}}],"isMore":true,"leftOut":[{"what":"audit-trail","why":"size"}],"elsewhere":{"hosts":[{"host":"mx2","found":[${FOUND_THERE}],"isMore":false,"isComplete":true}],"asked":2,"missing":["mx3"]}}`,
    `{${ORIGIN},"sought":"2001:db8::/32","isNetwork":true,"found":[{"ip":"2001:db8::/64","state":"none","rule":null,"until":null,"matches":1,"newest":{"at":"${AT}","place":"audit-trail","event":"end","field":"ip","text":"2001:db8::/64"}}],"isMore":false,"leftOut":[],"elsewhere":null}`,
  ],
  check: [
    '{"version":1,"policy":"/etc/postblock/policy.yml","problems":[],"services":null}',
    '{"version":1,"policy":"p.yml","problems":[{"weight":"error","about":["listen"],"problem":"x","remedy":"y","status":69},' +
      '{"weight":"warning","about":["smtp/inet"],"problem":"x","remedy":"y","status":null},' +
      '{"weight":"note","about":["export[0].file"],"problem":"x","remedy":"y","status":null}],"services":[' +
      '{"service":"smtp/inet","isLocal":false,"requests":[{"stage":"RCPT","list":"smtpd_client_restrictions",' +
      '"address":"unix:postblock/policy","after":["permit_mynetworks"],"defaultAction":"DUNNO"}]},' +
      '{"service":"127.0.0.1:10025/inet","isLocal":true,"requests":[]}]}',
  ],
  notice: [
    `{"version":1,"id":"0b0e3b4e-6f0e-4c0e-9a53-8d8a4e0c2f11","host":"mx1","written":"${AT}","text":"x","total":7,"leftOut":1,` +
      '"counts":{"block":2,"end":1,"spared":1,"breaker":2,"trouble":1},"events":[' +
      `{"event":"block","at":"${AT}","ip":"192.0.2.7","rule":"r","enforced":true,"until":"${AT}","count":0,${HAND}},` +
      `{"event":"block","at":"${AT}","ip":"2001:db8::/64","rule":"r","enforced":true,"until":"${AT}","count":30,"classes":{"vrfy":30}},` +
      `{"event":"end","at":"${AT}","ip":"192.0.2.7","rule":"r","enforced":true,"since":"${AT}","reason":"expired","refused":0},` +
      `{"event":"spared","at":"${AT}","ip":"192.0.2.7","rule":"r","enforced":true,"reason":"share","bad":120,"good":5880,"share":0.1},` +
      `{"event":"breaker","at":"${AT}","ip":"192.0.2.7","state":"open","blocked":6,"standing":212},` +
      `{"event":"trouble","at":"${AT}","what":"log-silent","state":"began","since":"${AT}","reason":"x"}]}`,
  ],
  done: [
    `{"version":1,"at":"${AT}","done":[${DONE}]}`,
    `{"version":1,"at":"${AT}","done":[${DONE}],"hosts":{"sent":true,"asked":2,"missing":["mx3"]}}`,
    `{"version":1,"at":"${AT}","done":[{"what":"resumed","ip":null,"rule":null,"until":null},{"what":"still-blocked","ip":"192.0.2.7","rule":"r","until":"${AT}"}]}`,
  ],
};

/** What is wrong, in which format, and the part of a whole document that is put in another's place. */
export const BROKEN: readonly (readonly [string, SchemaName, string, string])[] = [
  ['a notice of nothing', 'notice', '"total":7', '"total":0'],
  [
    'a notice with the name of a client',
    'notice',
    '"ip":"192.0.2.7",',
    '"ip":"192.0.2.7","name":"mail.example.org",',
  ],
  ['a notice of a watched block', 'notice', '"enforced":true', '"enforced":false'],
  ['a trouble that only lasts', 'notice', '"state":"began"', '"state":"lasts"'],
  ['another version', 'snapshot', '"version":3', '"version":4'],
  ['a head without its log positions', 'snapshot', '"log":', '"logs":'],
  ['a log position of an unknown kind', 'snapshot', '"type":"file"', '"type":"syslog"'],
  ['a file position with a cursor', 'snapshot', '"mark":"x"', '"mark":"x","cursor":"y"'],
  ['a clock of the log that is behind what was read', 'snapshot', '"lag":0', '"lag":-1'],
  ['a file that ends early', 'snapshot', ',"tracked":2', ''],
  ['a client that is no address', 'snapshot', '"192.0.2.7":{"block"', '"unknown":{"block"'],
  ['a block without its rule', 'snapshot', '"rule":', '"rules":'],
  ['a time without its zone', 'snapshot', `"since":"${AT}"`, '"since":"2026-11-24T19:09:10.000"'],
  ['a time in ms', 'snapshot', `"written":"${AT}"`, '"written":1764011350000'],
  ['a day that does not exist', 'snapshot', `"written":"${AT}"`, '"written":"2026-02-30T19:09:10.000Z"'],
  ['refusals without their times', 'snapshot', `,"lastRefused":"${AT}"`, ''],
  ['times of refusals where there was none', 'snapshot', '"refused":1', '"refused":0'],
  ['an unknown kind of event', 'snapshot', '"events":{"auth-failure"', '"events":{"spam"'],
  ['an unknown class of event', 'snapshot', '"unknown-recipient":[', '"strange-recipient":['],
  ['an unknown class in a block', 'show', '"classes":{"milter"', '"classes":{"spam"'],
  ['an unknown class', 'replay', '"class":"vrfy"', '"class":"expn"'],
  ['evidence without its log line', 'snapshot', ',"line":"mx1 postfix/smtpd[1]: x"', ''],
  ['a recipient in a failed login', 'snapshot', '"mechanism":', '"recipient":'],
  ['a mail with a subject', 'snapshot', '"sender":""', '"subject":""'],
  ['more than 10 pieces of evidence', 'snapshot', EVIDENCE, Array(11).fill(EVIDENCE).join()],
  ['more than 50 mails', 'snapshot', MAIL, Array(51).fill(MAIL).join()],
  ['a watched block that does not say whether it ended', 'snapshot', ',"ended":false', ''],
  ['an ended session without the line that says so', 'snapshot', ',"line":"x"', ''],
  ['an allow entry that nobody made', 'snapshot', '"by":"alice",', ''],
  ['an unknown event', 'audit', '"event":"grace"', '"event":"mercy"'],
  ['a line without its number', 'audit', '"sequence":1,', ''],
  ['a number that is no whole one', 'audit', '"sequence":1', '"sequence":1.5'],
  ['a block without its end', 'audit', `,"until":"${AT}","count":30`, ',"count":30'],
  ['a block that no event led to, and nobody made', 'audit', '"count":30', '"count":0'],
  ['who without why', 'audit', ',"why":"ticket 4711"', ''],
  ['an end for an unknown reason', 'audit', '"reason":"expired"', '"reason":"bored"'],
  ['a lift by nobody', 'audit', '"reason":"expired"', '"reason":"lifted"'],
  ['an end of a network that is no client', 'audit', '"ip":"192.0.2.7","rule"', '"ip":"192.0.2.0/24","rule"'],
  ['a disallow with an end', 'audit', '"ip":"192.0.2.0/24"', `"ip":"192.0.2.0/24","until":"${AT}"`],
  ['a spared client without the figures that decided', 'audit', '"bad":120,', ''],
  ['a share of more than all', 'audit', '"share":0.1', '"share":10'],
  ['a breaker that no client opened', 'audit', '"ip":"192.0.2.7","state":"open"', '"ip":"","state":"open"'],
  ['a breaker closed by hand by nobody', 'audit', `"reason":"resumed",${HAND}`, '"reason":"resumed"'],
  ['an answer from nowhere', 'list', '"source":"daemon"', '"source":"cache"'],
  ['a missing field where null is meant', 'list', ',"by":null', ''],
  ['a field that is not ours', 'list', '"enforced":true', '"enforced":true,"country":"XX"'],
  ['a negative count', 'list', '"refused":1', '"refused":-1'],
  ['an answer with blocks and spared clients', 'list', '"blocks":[', `"spared":[],"blocks":[`],
  ['a client spared for an unknown reason', 'list', '"reason":"share"', '"reason":"mercy"'],
  ['a count of an unknown sort', 'show', '"sort":"logins"', '"sort":"spam"'],
  ['an answer that does not say whether the client is in good standing', 'show', `"lastGood":"${AT}",`, ''],
  ['an answer without its history', 'show', '"history":', '"past":'],
  ['history that is no line of the audit trail', 'show', '"event":"disallow"', '"event":"call"'],
  ['a block without its evidence', 'show', `"evidence":[${EVIDENCE}],`, ''],
  ['a mail without its stage', 'show', '"stage":"RCPT",', ''],
  ['a limit of 0', 'show', '"limit":30', '"limit":0'],
  ['an unknown trouble', 'status', '"what":"log-silent"', '"what":"hiccups"'],
  ['a trouble without its reason', 'list', ',"reason":"nothing is counted"', ''],
  ['an answer that does not say whether there is trouble', 'show', `"trouble":[${TROUBLE}],`, ''],
  ['a status from a snapshot', 'status', '"source":"daemon"', '"source":"snapshot"'],
  ['a status that does not say whether the breaker is open', 'status', '"breakerSince":null,', ''],
  ['a status without its log', 'status', '"log":', '"logs":'],
  ['a log without sources', 'status', '["/var/log/mail.log"]', '[]'],
  ['a negative number of answers', 'status', '"dunno":2', '"dunno":-2'],
  ['a client in an unknown state', 'find', '"state":"blocked"', '"state":"dead"'],
  ['a match in an unknown place', 'find', '"place":"evidence"', '"place":"mail"'],
  ['a match without its text', 'find', '"field":"user","text":"bob"', '"field":"user"'],
  [
    'a search that does not say what it left out',
    'find',
    ',"leftOut":[{"what":"audit-trail","why":"size"}]',
    '',
  ],
  ['an unknown deed', 'done', '"what":"unblocked"', '"what":"forgiven"'],
  ['nothing done', 'done', DONE, ''],
  ['a grace without its end', 'done', `"rule":null,"until":"${AT}"`, '"rule":null,"until":null'],
  ['a breaker with an address', 'done', '"what":"resumed","ip":null', '"what":"resumed","ip":"192.0.2.7"'],
  ['a lift that does not say how recent the abuse is', 'done', `"lastAbuse":"${AT}",`, ''],
  ['a client whose newest abuse is missing', 'show', `"lastAbuse":"${AT}",`, ''],
  ['a list that does not say how many there are', 'list', '"total":1,', ''],
  ['a list of two kinds', 'list', '"graces":[', '"blocks":[],"graces":['],
  ['a grace without its end', 'list', `"until":"${AT}","by":null`, '"by":null'],
  ['a listed block without the name of its client', 'list', '"name":null,', ''],
  ['a block whose newest abuse is no time', 'snapshot', `"lastAbuse":"${AT}"`, '"lastAbuse":7'],
  ['an error without a message', 'error', '"message":"192.0.2.7 is not blocked"', '"message":""'],
  ['an error whose code is no word', 'error', '"not-blocked"', '"69"'],
  ['a lift without its rule', 'done', '"rule":"r"', '"rule":null'],
  ['a line with a number of its own', 'replay', '"event":"block"', '"sequence":1,"event":"block"'],
  ['a block that no event led to', 'replay', '"count":30}', '"count":0}'],
  ['an end by hand', 'replay', '"reason":"expired"', '"reason":"lifted"'],
  ['a breaker that somebody closed by hand', 'replay', '"reason":"expired"}', '"reason":"resumed"}'],
  ['a client that was spared for an unknown reason', 'replay', '"reason":"share"', '"reason":"luck"'],
  ['a report of another version', 'replay', '"version":1,"event":"report"', '"version":2,"event":"report"'],
  ['a report without its cost', 'replay', '"cost":', '"price":'],
  ['a replay that does not say whether it is whole', 'replay', ',"isComplete":true', ''],
  ['a lost mail without its queue ID', 'replay', '"queueId":"4F1B2A3C4D",', ''],
  ['an outcome that is none', 'replay', '"outcome":"delivered"', '"outcome":"read"'],
  ['an allow entry that saves nobody', 'replay', '"ips":["192.0.2.7"],"mails"', '"ips":[],"mails"'],
  ['an offender by an unknown event', 'replay', '"events":{"auth-failure"', '"events":{"spam"'],
  ['a share of everything and more', 'replay', '"part":0.03125', '"part":3.125'],
  ['a sweep without values', 'replay', '"values":[{', '"value":[{'],
  ['more than 200 lost mails', 'replay', LOST, Array(201).fill(LOST).join()],
  ['a line without its number', 'explain', '"line":7', '"number":7'],
  ['an unknown result', 'explain', '"result":"counted"', '"result":"perhaps"'],
  ['a message without recipients', 'explain', '"recipients":3', '"recipients":0'],
  ['a share above the whole', 'explain', '"share":0.1', '"share":10'],
  ['a line that counts, and says why not', 'explain', '"why":null', '"why":"temporary"'],
  ['a line that counts without an event', 'explain', `"events":[${EVENT}]`, '"events":[]'],
  ['an unknown reason', 'explain', '"why":"session"', '"why":"mood"'],
  ['a line that counts later without what', 'explain', `"expected":${EVENT}`, '"expected":null'],
  ['an unread line with a record', 'explain', '"record":null', RECORD],
  ['an unknown program', 'explain', '"program":"smtpd"', '"program":"sendmail"'],
  ['a client without its key', 'explain', '"key":"192.0.2.7",', ''],
  ['an event of an unknown class', 'explain', '"class":"unknown-recipient"', '"class":"strange"'],
  ['a check that does not say whether Postfix was checked', 'check', ',"services":null', ''],
  ['a problem without a remedy', 'check', ',"remedy":"y","status":69', ',"status":69'],
  ['a problem of an unknown weight', 'check', '"weight":"error"', '"weight":"heavy"'],
  ['a serve that would end well', 'check', '"status":69', '"status":0'],
  ['a service without its type', 'check', '"service":"smtp/inet"', '"service":"smtp"'],
  ['a request at an unknown stage', 'check', '"stage":"RCPT"', '"stage":"QUIT"'],
  ['a form without an example', 'replay', ',"example":"mx1 postfix/smtpd[1]: x"', ''],
];
