// Scrapes the metrics of a daemon from their unix socket.

import { request } from 'node:http';
import { type Parsed, parseExposition } from './exposition.ts';

/** @param path of the socket */
export async function scrape(path: string): Promise<Parsed & { readonly text: string }> {
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request({ socketPath: path, path: '/metrics', agent: false }, (response) => {
      let all = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        all += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(all);
        else reject(new Error(`${response.statusCode}: ${all}`));
      });
    });
    sent.on('error', reject).end();
  });
  return { ...parseExposition(text), text };
}
