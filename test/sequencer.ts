import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The order of projects that run together. Those of many short files come last: they fill up what long files leave idle. */
const ORDER = ["service", "workerd", "pure"];

/** Runs projects one after the other, so that the files of one share runtimes, and the longest files of each first. */
export class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ project: { name, config } }: TestSpecification) =>
      config.sequence.groupOrder * ORDER.length + ORDER.indexOf(name);
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}
