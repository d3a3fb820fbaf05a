// The files under export:, and whether the daemon could write them.

import type { Config } from '../config/config.ts';
import type { ExportSpec } from '../config/fields/export-fields.ts';
import { replaceable } from './access.ts';
import { isPermission, type Problem } from './problem.ts';

/** The daemon serves mail also where it cannot write them. */
export async function exportProblems({ exports = [] }: Pick<Config, 'exports'>): Promise<readonly Problem[]> {
  return (await Promise.all(exports.map(exportProblem))).flat();
}

async function exportProblem({ file }: ExportSpec, index: number): Promise<readonly Problem[]> {
  const refusal = await replaceable(file);
  if (refusal === undefined) return [];
  return [
    {
      weight: 'warning',
      about: [`export[${index}].file`],
      problem: `${file} cannot be written: ${refusal.message}`,
      remedy:
        "Name a file in a directory that the daemon's user can write to; the unit allows /var/lib/postblock, and what ReadWritePaths= adds",
      isPermission: isPermission(refusal),
    },
  ];
}
