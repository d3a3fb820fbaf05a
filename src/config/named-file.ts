// A file that an option of policy.yml names and that cannot be used: the words for it, wherever that is found.

export interface FileFailure {
  /** as in policy.yml, such as share-state.password-file */
  readonly option: string;
  readonly path: string;
  readonly error: NodeJS.ErrnoException;
}

export function failureText({ option, path, error }: FileFailure): string {
  return `${option}: ${unusable(path, error)}`;
}

export function unusable(path: string, error: Error): string {
  return `${path} cannot be used: ${error.message}`;
}
