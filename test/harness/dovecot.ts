// The configuration of a private Dovecot that only authenticates, for Dovecot 2.3 and 2.4.

import { execFileSync } from 'node:child_process';

/** @param folder its own: sockets in `run`, accounts in `users` */
export function dovecotConf(folder: string): string {
  const [, version = ''] = /^(\d+\.\d+)/.exec(execFileSync('dovecot', ['--version']).toString()) ?? [];
  return `${version === '2.3' ? accounts23(folder) : accounts24(folder)}
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/dovecot.log
ssl = no
auth_mechanisms = plain login
auth_failure_delay = 0
service anvil {
  # Without its penalty, which delays the second failure of a client by seconds.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener auth-client {
    mode = 0666
  }
}
`;
}

function accounts23(folder: string): string {
  return `
protocols =
disable_plaintext_auth = no
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=/
}
`;
}

/** The first line must be the version: it decides how dovecot 2.4 reads the rest. */
function accounts24(folder: string): string {
  return `dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols =
auth_allow_cleartext = yes
passdb passwd-file {
  passwd_file_path = ${folder}/users
}
userdb static {
  fields {
    uid = 65534
    gid = 65534
    home = /
  }
}
`;
}
