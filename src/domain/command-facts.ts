import type { Command, Request, ReservationCommand } from "./command.ts";

/** Units of what a command names, as far as that is known; 0 for what is not there. */
export interface UnitsOf {
  reservation(id: string): number;
  /** Of the offer that an entry of the waitlist has. */
  offer(entry: string): number;
}

/** What a command names: its facts are read before it is decided. */
interface Names {
  reservation?: string | undefined;
  entry?: string | undefined;
  /** The customer whose place on the waitlist matters. */
  joiner?: string | undefined;
  /** The customer that asks for units, against whose limit they count. */
  claimant?: string | undefined;
  /** The customer that has to let others go first, if it gave back too much. */
  reserver?: string | undefined;
  /** A further key under which there may be an answer. */
  answerKey?: string | undefined;
}

/** What a transaction has to know of a command before it decides it. */
interface CommandFacts<One extends Command> {
  /** The reservation that it names has to exist and be visible to its caller. */
  isOnReservation: boolean;
  /** Its outcome may depend on the customer's other claims: a late payment takes their place. */
  dependsOnClaims: boolean;
  /** It may set a limit, which binds the requests after it. */
  setsLimit: boolean;
  /** The platform may repeat it: it then finds what it did by the reservation that it names, and changes nothing. */
  findsItself: boolean;
  /** Its refusal says whether only tries stand in the way. */
  countsTries(command: One): boolean;
  /** `key` is that of its request. */
  names(command: One, key: string | null): Names;
  /** Units that it may take from the free ones. */
  takes(command: One, units: UnitsOf): number;
  /** Units that it may set free. */
  frees(command: One, units: UnitsOf): number;
}

const ON_SKU = {
  isOnReservation: false,
  dependsOnClaims: false,
  setsLimit: false,
  findsItself: false,
  countsTries: () => false,
  names: () => ({}),
  takes: () => 0,
  frees: () => 0,
};

const ON_RESERVATION: CommandFacts<ReservationCommand> = {
  ...ON_SKU,
  isOnReservation: true,
  names: ({ id }) => ({ reservation: id }),
  frees: ({ id }, units) => units.reservation(id),
};

/** The facts of every type of command: one that is not listed here does not compile. */
const COMMAND_FACTS: { readonly [Type in Command["type"]]: CommandFacts<Command & { type: Type }> } = {
  create: ON_SKU,
  update: { ...ON_SKU, setsLimit: true },
  adjust: { ...ON_SKU, takes: ({ delta }) => Math.max(0, -delta), frees: ({ delta }) => Math.max(0, delta) },
  reserve: {
    ...ON_SKU,
    findsItself: true,
    countsTries: ({ cart }) => cart !== undefined,
    // Without a key a repeated one is known by its id only.
    names: ({ id, customer }, key) => ({
      reservation: key === null ? id : undefined,
      claimant: customer,
      reserver: customer,
    }),
    takes: ({ quantity }) => quantity,
  },
  confirm: {
    ...ON_RESERVATION,
    dependsOnClaims: true,
    findsItself: true,
    takes: ({ id, quantity }, units) => quantity ?? units.reservation(id),
  },
  extend: ON_RESERVATION,
  release: { ...ON_RESERVATION, findsItself: true },
  return: ON_RESERVATION,
  lock: { ...ON_RESERVATION, dependsOnClaims: true, takes: ({ id }, units) => units.reservation(id) },
  unlock: { ...ON_RESERVATION, dependsOnClaims: true },
  refund: ON_RESERVATION,
  lapse: ON_RESERVATION,
  lend: ON_RESERVATION,
  restore: { ...ON_RESERVATION, dependsOnClaims: true },
  supersede: { ...ON_RESERVATION, dependsOnClaims: true },
  settle: {
    ...ON_SKU,
    dependsOnClaims: true,
    // It is answered under the key of the call that the try came from.
    names: ({ id, answer }) => ({ reservation: id, answerKey: answer?.key }),
    frees: ({ id }, units) => units.reservation(id),
  },
  join: { ...ON_SKU, names: ({ customer }) => ({ joiner: customer, claimant: customer }) },
  leave: { ...ON_SKU, names: ({ entry }) => ({ entry }), frees: ({ entry }, units) => units.offer(entry) },
  freeze: ON_SKU,
  enroll: ON_SKU,
  // Its parts have facts of their own.
  batch: ON_SKU,
};

/** The facts of a command. */
export function factsOf(command: Command): CommandFacts<Command> {
  return COMMAND_FACTS[command.type] as CommandFacts<Command>;
}

/** Whether a command is about a reservation that has to exist. */
export function isReservationCommand(command: Command): command is ReservationCommand {
  return COMMAND_FACTS[command.type].isOnReservation;
}

/** These requests, each batch followed by its parts. */
export function withParts(requests: readonly Request[]): Request[] {
  return requests.flatMap((request) =>
    request.command.type === "batch" ? [request, ...withParts(request.command.requests)] : [request],
  );
}

/** Whether a request without a key may be repeated by the platform as it is, so that none has to be made for it. */
export function findsItself(command: Command): boolean {
  if (command.type !== "batch") return factsOf(command).findsItself;
  return command.requests.every((part) => part.key !== null || findsItself(part.command));
}

/** What these requests name, kind by kind. */
export function namesOf(requests: readonly Request[]): { [Kind in keyof Names]-?: string[] } {
  const names = requests.map(({ command, key }) => factsOf(command).names(command, key));
  const all = (kind: keyof Names) => names.flatMap((one) => one[kind] ?? []);
  return {
    reservation: all("reservation"),
    entry: all("entry"),
    joiner: all("joiner"),
    claimant: all("claimant"),
    reserver: all("reserver"),
    answerKey: all("answerKey"),
  };
}

/** Units that these commands may take from the free ones: a sweep has to release enough for them. */
export function unitsTaken(commands: readonly Command[], units: UnitsOf): number {
  return commands.reduce((sum, command) => sum + factsOf(command).takes(command, units), 0);
}

/** Units that these commands may set free. */
export function unitsFreed(commands: readonly Command[], units: UnitsOf): number {
  return commands.reduce((sum, command) => sum + factsOf(command).frees(command, units), 0);
}
