import type { Router } from 'express';
import type { RouteGuards } from '../responses/routes.ts';
import {
  addConversationItems,
  deleteConversationItem,
  listConversationItems,
  retrieveConversationItem,
} from './conversation-items.ts';
import {
  type ConversationServices,
  createConversation,
  deleteConversation,
  forkConversation,
  listConversations,
  retrieveConversation,
  updateConversation,
} from './conversations.ts';
import { exportConversation } from './export.ts';

/** The Conversations API, and what is ours beside it: the list, forks, and the export. */
export function conversationRoutes(
  app: Router,
  services: ConversationServices,
  { allowed, readBody, onlyAllow }: RouteGuards,
): void {
  app.use('/v1/conversations', allowed);
  app.get('/v1/conversations', listConversations(services));
  app.post('/v1/conversations', readBody, createConversation(services));
  app.all('/v1/conversations', onlyAllow('GET, POST'));
  app.get('/v1/conversations/:id', retrieveConversation(services));
  app.post('/v1/conversations/:id', readBody, updateConversation(services));
  app.delete('/v1/conversations/:id', deleteConversation(services));
  app.all('/v1/conversations/:id', onlyAllow('GET, POST, DELETE'));
  app.get('/v1/conversations/:id/items', listConversationItems(services));
  app.post('/v1/conversations/:id/items', readBody, addConversationItems(services));
  app.all('/v1/conversations/:id/items', onlyAllow('GET, POST'));
  app.get('/v1/conversations/:id/items/:item', retrieveConversationItem(services));
  app.delete('/v1/conversations/:id/items/:item', deleteConversationItem(services));
  app.all('/v1/conversations/:id/items/:item', onlyAllow('GET, DELETE'));
  app.post('/v1/conversations/:id/fork', readBody, forkConversation(services));
  app.all('/v1/conversations/:id/fork', onlyAllow('POST'));
  app.get('/v1/conversations/:id/export', exportConversation(services));
  app.all('/v1/conversations/:id/export', onlyAllow('GET'));
}
