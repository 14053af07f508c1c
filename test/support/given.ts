// Reads a decider as a sentence: given(events).when(command).then(events).
import { expect } from '@jest/globals';
import type { MessageCommand } from '../../src/message/message.commands.js';
import { decide } from '../../src/message/message.decider.js';
import type { MessageEvent } from '../../src/message/message.events.js';
import { evolve, initialState, type Message } from '../../src/message/message.js';

interface Decider<State, Command, Event> {
  readonly decide: (command: Command, state: State) => readonly Event[];
  readonly evolve: (state: State, event: Event) => State;
  readonly initialState: State;
}

type ErrorClass = new (...args: never[]) => Error;

export interface Given<State, Command, Event> {
  when(command: Command): Decided<State, Event>;
  /** The state that the events lead to. */
  readonly state: State;
}

export interface Decided<State, Event> {
  /** Exactly these events, in this order. Returns the state after them. */
  then(...expected: readonly Event[]): State;
  thenNothing(): void;
  thenThrows(error: ErrorClass): void;
  /** The events themselves, for what cannot be said by listing them. */
  decided(): readonly Event[];
}

function givenFor<State, Command, Event>(
  decider: Decider<State, Command, Event>,
): (...events: readonly Event[]) => Given<State, Command, Event> {
  return (...events) => {
    const state = events.reduce(decider.evolve, decider.initialState);
    return {
      state,
      when: (command) => ({
        decided: () => decider.decide(command, state),
        then(...expected) {
          const decided = decider.decide(command, state);
          expect(decided).toEqual(expected);
          return decided.reduce(decider.evolve, state);
        },
        thenNothing() {
          expect(decider.decide(command, state)).toEqual([]);
        },
        thenThrows(error) {
          expect(() => decider.decide(command, state)).toThrow(error);
        },
      }),
    };
  };
}

export const given = givenFor<Message, MessageCommand, MessageEvent>({ decide, evolve, initialState });
