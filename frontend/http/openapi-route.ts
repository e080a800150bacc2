import { Type } from 'typebox';
import type { RouteEntry } from './route-table.ts';

export const OPENAPI_ROUTE: RouteEntry = Object.freeze({
  method: 'GET', path: '/openapi.json', operationId: 'openapi', tag: 'health', summary: 'This document.',
  replies: [{ status: 200, description: 'OpenAPI 3.1.', content: [{ mediaType: 'application/json', schema: Type.Object({}) }] }],
  errors: [],
});
