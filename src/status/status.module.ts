import { Module } from '@nestjs/common';
import { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { InboundQueries } from '../../projections/inbound/inbound.queries.js';
import { MessageStatusQueries } from '../../projections/message-status/message-status.queries.js';
import { Journal } from '../journal/journal.js';
import { BatchesController } from './batches.controller.js';
import { InboundController } from './inbound.controller.js';
import { InboundViews } from './inbound-views.js';
import { MessageIndex, OpenWork } from './message-index.js';
import { MessageViews } from './message-views.js';
import { MessagesController } from './messages.controller.js';

@Module({
  controllers: [MessagesController, BatchesController, InboundController],
  providers: [
    { provide: MessageIndex, useExisting: MessageStatusQueries },
    {
      provide: MessageViews,
      useFactory: (journal: Journal, index: MessageIndex) => new MessageViews(journal, index),
      inject: [Journal, MessageIndex],
    },
    { provide: InboundViews, useExisting: InboundQueries },
    { provide: OpenWork, useExisting: AwaitingOutcomeQueries },
  ],
})
export class StatusModule {}
