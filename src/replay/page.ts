// stub
import type { Report } from './report.ts';
export function reportPage(r: Report): string {
  return JSON.stringify(r);
}
