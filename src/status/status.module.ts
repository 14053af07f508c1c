import { Module } from '@nestjs/common';
import { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { MessageStatusQueries } from '../../projections/message-status/message-status.queries.js';
import { BatchesController } from './batches.controller.js';
import { MessageViews, OpenWork } from './message-views.js';
import { MessagesController } from './messages.controller.js';

@Module({
  controllers: [MessagesController, BatchesController],
  providers: [
    { provide: MessageViews, useExisting: MessageStatusQueries },
    { provide: OpenWork, useExisting: AwaitingOutcomeQueries },
  ],
})
export class StatusModule {}
