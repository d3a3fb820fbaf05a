// The name of the file in the system's errors: Node leaves it out where an open file cannot be read or written.

/** Runs what uses an open file. @throws the system's error, with the path of the file in its message */
export async function namingFile<T>(path: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (isNameless(error)) {
      error.message += ` '${path}'`;
      error.path = path;
    }
    throw error;
  }
}

function isNameless(error: unknown): error is NodeJS.ErrnoException {
  const { syscall, path } = error as NodeJS.ErrnoException;
  return error instanceof Error && syscall !== undefined && path === undefined;
}
