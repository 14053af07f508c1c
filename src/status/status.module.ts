import { Module } from '@nestjs/common';
import { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { InboundQueries } from '../../projections/inbound/inbound.queries.js';
import { MessageStatusQueries } from '../../projections/message-status/message-status.queries.js';
import { BatchesController } from './batches.controller.js';
import { InboundController } from './inbound.controller.js';
import { InboundViews } from './inbound-views.js';
import { MessageViews, OpenWork } from './message-views.js';
import { MessagesController } from './messages.controller.js';

@Module({
  controllers: [MessagesController, BatchesController, InboundController],
  providers: [
    { provide: MessageViews, useExisting: MessageStatusQueries },
    { provide: InboundViews, useExisting: InboundQueries },
    { provide: OpenWork, useExisting: AwaitingOutcomeQueries },
  ],
})
export class StatusModule {}
