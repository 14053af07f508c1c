// The command bus at the edges (HTTP requests, gateway callbacks): one message, one command. What
// moves in lists (uploads, submits, receipts) asks the lifecycle directly.
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { MessageCommand } from '../message/message.commands.js';
import { type Handled, MessageLifecycle } from './message-lifecycle.js';

export class HandleMessage extends Command<Handled> {
  constructor(readonly command: MessageCommand) {
    super();
  }
}

@CommandHandler(HandleMessage)
export class MessageHandler implements ICommandHandler<HandleMessage> {
  constructor(private readonly lifecycle: MessageLifecycle) {}

  /** @throws what MessageLifecycle.handleMany throws. */
  async execute({ command }: HandleMessage): Promise<Handled> {
    const [handled] = await this.lifecycle.handleMany([command]);
    if (handled === undefined) throw new Error(`${command.type} came to nothing`);
    return handled;
  }
}
