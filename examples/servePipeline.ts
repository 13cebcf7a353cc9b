// Serve a model folder over HTTP. Whether `savePipeline` or `kindling train --out` wrote it makes no difference.
import { createServer, type Server } from 'node:http';
import { setDefaultBackend } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { loadPipeline } from '@kindling/train';

/** Answers POST requests: a JSON array of rows gives a JSON array of predictions. */
export async function servePipeline(folder: string, port = 0): Promise<Server> {
  setDefaultBackend(await cpu());
  const pipeline = await loadPipeline(folder);
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      Promise.resolve(text)
        .then((json) => pipeline.predict(JSON.parse(json) as Parameters<typeof pipeline.predict>[0]))
        .then((predictions) => {
          answer(200, predictions);
        })
        .catch((error: unknown) => {
          answer(400, { error: error instanceof Error ? error.message : String(error) }); // written for people
        });
    });
  });
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
