// The report as one HTML page that needs no network: it contains its style and its script, and nothing else may run.

import { createHash } from 'node:crypto';
import { html, Markup } from '../../html/html.ts';
import type { Report } from '../report/report.ts';
import {
  blindSection,
  costSection,
  distributionsSection,
  headSection,
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

/** CSP Level 3: what is not named by its hash neither loads nor runs. */
const POLICY = `default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SORTER)}'`;

export function reportPage(report: Report): string {
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>postblock replay</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
${headSection(report)}<main>
${rulesSection(report)}${sparingSection(report)}${costSection(report)}${sweepsSection(report)}${timelineSection(report)}${distributionsSection(report)}${sharesSection(report)}${whoSection(report)}${blindSection(report)}${notesSection(report)}</main>
<script>${new Markup(SORTER)}</script>
</body>
</html>
`.text;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
