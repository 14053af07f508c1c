// The OpenAPI document: made from the controllers' decorators and from the very schemas that
// validate requests, so that it cannot tell of another API than the one that answers.
import { applyDecorators, type INestApplication } from '@nestjs/common';
import {
  type ApiBody,
  ApiResponse,
  DocumentBuilder,
  type OpenAPIObject,
  SwaggerModule,
} from '@nestjs/swagger';
import { z } from 'zod';
import { PROBLEMS, type ProblemKind } from './http.errors.js';

type Schema = Extract<NonNullable<Parameters<typeof ApiBody>[0]>, { schema: unknown }>['schema'];

const problemSchema = z
  .object({
    type: z.string().meta({
      description: 'Names the kind of problem; stable.',
      examples: ['urn:surereach:problem:invalid-message'],
    }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened here, and the way out.' }),
    errors: z
      .array(
        z.object({
          field: z.string().nullable(),
          problem: z.string(),
          value: z.string().optional(),
          line: z.int().optional(),
        }),
      )
      .optional(),
  })
  .meta({ title: 'Problem' });

/** A zod schema as JSON Schema (2020-12, the dialect of OpenAPI 3.1). A `title` names the component. */
export function apiSchema(schema: z.ZodType): Schema {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  // Said once, for the whole document.
  delete json.$schema;
  return json as Schema;
}

/** Documents the problem answers of an operation. */
export function apiProblems(...statuses: readonly number[]): MethodDecorator {
  const kinds = Object.entries(PROBLEMS) as [ProblemKind, (typeof PROBLEMS)[ProblemKind]][];
  return applyDecorators(
    ...statuses.map((status) => {
      const titles = kinds
        .filter(([, problem]) => problem.status === status)
        .map(([, problem]) => problem.title);
      const description = `${titles.join('; ')}.`;
      return ApiResponse({
        status,
        description,
        content: { 'application/problem+json': { schema: apiSchema(problemSchema) } },
      });
    }),
  );
}

/**
 * Serves the document at /openapi.json and a page to read and try it at /docs. Without the page
 * where @fastify/static cannot be loaded: jest on Node 20 has no require() of ES modules.
 */
export function serveApiDocument(app: INestApplication, version: string, withPage = true): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('SureReach')
    .setDescription(
      'Makes a message reach a person: an SMS first, a spoken call when the SMS does not arrive.',
    )
    .setVersion(version)
    .setOpenAPIVersion('3.1.0')
    .build();
  const document = withComponents(SwaggerModule.createDocument(app, about));
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    ui: withPage,
  });
  return document;
}

/** Moves every schema with a title to the components and refers to it from where it stood. */
function withComponents(document: OpenAPIObject): OpenAPIObject {
  const schemas: Record<string, unknown> = {};
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const walked = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
    const { title } = walked;
    // Only schemas carry a type or a union beside a title; `info` has a title alone.
    if (typeof title !== 'string' || !('type' in walked || 'anyOf' in walked || 'oneOf' in walked))
      return walked;
    schemas[title] = walked;
    return { $ref: `#/components/schemas/${title}` };
  };
  const paths = walk(document.paths) as OpenAPIObject['paths'];
  return {
    ...document,
    paths,
    components: { ...document.components, schemas: schemas as Record<string, Schema> },
  };
}
