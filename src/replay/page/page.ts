// The report as one HTML page that needs no network: it contains its style and its script, and nothing else may run.

import { createHash } from 'node:crypto';
import { html, Markup } from '../../html/html.ts';
import type { Report } from '../report/report.ts';
import { FOLDER } from './folder.ts';
import { headSection, type Making, titleOf } from './head.ts';
import {
  blindSection,
  costSection,
  distributionsSection,
  notesSection,
  rulesSection,
  sharesSection,
  sparingSection,
  sweepsSection,
  timelineSection,
  whoSection,
} from './sections.ts';
import { SORTER } from './sorter.ts';
import { STYLE } from './style.ts';

const SCRIPT = `${SORTER}${FOLDER}`;
/** CSP Level 3: what is not named by its hash neither loads nor runs. */
const POLICY = `default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SCRIPT)}'`;

export function reportPage(report: Report, making: Making): string {
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${titleOf(report)}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
${headSection(report, making)}<main>
${rulesSection(report)}${sparingSection(report)}${costSection(report)}${sweepsSection(report)}${timelineSection(report)}${distributionsSection(report)}${sharesSection(report)}${whoSection(report)}${blindSection(report)}${notesSection(report)}</main>
<script>${new Markup(SCRIPT)}</script>
</body>
</html>
`.text;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
