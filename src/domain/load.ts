import { GROUP_COMMANDS_MAX } from "./bounds.ts";
import type { Command, Request } from "./command.ts";

/**
 * A new claim that would wait longer than this for its turn is told to come again; others may still be heard. As long again it may
 * have waited outside, where nobody sees it: answers come within two seconds.
 */
export const CLAIM_WAIT_MS_MAX = 500;
/** With fewer commands ahead none is shed, however slow the machine is: a storefront with 128 connections never is. */
export const SHED_COMMANDS_MIN = 256;
/** A turn takes no more commands than are decided, written and answered in this time. */
export const TURN_MS_MAX = 100;
/** Fewer commands say little about what each of many costs: a turn has costs of its own, such as the way to the disk. */
export const TELLING_COMMANDS_MIN = 50;
/** A command takes at least this long, and until it was measured as long as on a quiet machine. */
export const COMMAND_MS_MIN = 0.1;
export const COMMAND_MS_UNKNOWN = 0.25;
/** Longest `Retry-After` of a shed claim, seconds: people wait no longer, and the rush is over by then. */
export const SHED_RETRY_SECONDS_MAX = 10;
/** How long an isolate refuses reserves by itself after a SKU shed one: half of what still waits there. */
export const SHED_AHEAD_MS = 250;
/** SKUs that an isolate refuses for at the same time: about 100 kB. */
export const SHED_SKUS_MAX = 1_000;
/** Sweeps that one turn runs past its own transaction, 25 ms each. */
export const TURN_SWEEPS_MAX = 1;

/** The weight of the newest turn: after ten turns an old measurement counts for a tenth. */
const NEWEST_WEIGHT = 0.2;

/**
 * Milliseconds per command after one more turn, smoothed. A small turn shows only that a command takes no longer than that, so
 * that one slow turn cannot make an object refuse for ever.
 */
export function commandMsAfter(known: number, commands: number, turnMs: number): number {
  const measured = Math.max(COMMAND_MS_MIN, turnMs / commands);
  if (commands < TELLING_COMMANDS_MIN && measured >= known) return known;
  return known + (measured - known) * NEWEST_WEIGHT;
}

/** Whether a new claim that comes behind so many commands is shed. */
export function isToBeShed(commandMs: number, ahead: number): boolean {
  return ahead >= SHED_COMMANDS_MIN && ahead * commandMs > CLAIM_WAIT_MS_MAX;
}

/** How many commands one turn takes. */
export function turnCommandsMax(commandMs: number): number {
  return Math.min(GROUP_COMMANDS_MAX, Math.max(TELLING_COMMANDS_MIN, Math.floor(TURN_MS_MAX / commandMs)));
}

/**
 * When a shed claim is to come again: about when everything before it has had its turn, those that were shed before included. With
 * a random number from 0 to 1 the crowd is spread over once as much time.
 */
export function shedRetrySeconds(commandMs: number, ahead: number, random: number): number {
  return spreadRetrySeconds((ahead * commandMs) / 1000, random);
}

/** So many seconds, or up to twice as many. */
export function spreadRetrySeconds(seconds: number, random: number): number {
  return Math.min(SHED_RETRY_SECONDS_MAX, Math.max(1, Math.ceil(seconds * (1 + random))));
}

/**
 * Whether a request only asks for units that nobody has promised yet. Everything else goes first and is not shed while it can be
 * kept: payments, what gives units back, what an operator does, and the steps of a decision that was begun.
 */
export function isNewClaim({ command }: Request): boolean {
  return asksForUnits(command);
}

function asksForUnits(command: Command): boolean {
  if (command.type === "batch") return command.requests.every(isNewClaim);
  return command.type === "join" || (command.type === "reserve" && command.cart === undefined);
}
