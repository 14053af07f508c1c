import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type HttpApp, startHttpApp } from '../support/http-app.js';

const Document = z.object({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ operationId: z.string(), responses: z.record(z.string(), z.unknown()) })),
  ),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});

describe('the OpenAPI document', () => {
  let app: HttpApp;
  let document: z.output<typeof Document>;
  beforeAll(async () => {
    app = await startHttpApp();
    document = Document.parse(await (await fetch(`${app.url}/openapi.json`)).json());
  });
  afterAll(async () => {
    await app.close();
  });

  it('is 3.1 and has every operation once', () => {
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
    );
    expect(operations.toSorted()).toEqual([
      'get /health/live live',
      'get /health/ready ready',
      'get /v1/batches/{id} getBatch',
      'get /v1/inbound findInbound',
      'get /v1/inbound/{id} getInbound',
      'get /v1/messages findMessages',
      'get /v1/messages/{id} getMessage',
      'get /v1/messages/{id}/events getMessageEvents',
      'get /v1/stats getStats',
      'post /v1/messages acceptMessage',
      'post /v1/messages/bulk acceptUpload',
      'post /v1/messages/preview previewMessage',
      'post /v1/messages/{id}/cancel cancelMessage',
      'post /v1/messages/{id}/release releaseMessage',
      'post /v1/messages/{id}/replace replaceText',
    ]);
  });

  it('describes requests, answers and problems by schemas of their own, with no dangling reference', () => {
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining([
        'MessageRequest',
        'MessageAccepted',
        'MessagePreview',
        'Message',
        'MessagePage',
        'Batch',
        'InboundMessage',
        'InboundPage',
        'UploadReport',
        'Problem',
      ]),
    );
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(references.length).toBeGreaterThan(10);
    expect(references.filter((name) => name === undefined || !(name in document.components.schemas))).toEqual(
      [],
    );
    expect(document.components.schemas['MessageRequest']).toMatchObject({
      additionalProperties: false,
      required: ['to'],
    });
  });

  it('names the problems of the operations that take input', () => {
    expect(Object.keys(document.paths['/v1/messages']?.['post']?.responses ?? {})).toEqual(
      expect.arrayContaining(['202', '400', '409', '415', '422', '503']),
    );
  });
});
