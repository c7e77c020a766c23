/** Work on files that is under way, for the strip at the foot of Explorer windows. */
export class Task {
  readonly label: string;
  readonly total: number;
  done = $state(0);

  constructor(label: string, total: number) {
    this.label = label;
    this.total = total;
  }
}

export class Tasks {
  running = $state.raw<readonly Task[]>([]);

  async run<Result>(label: string, total: number, work: (task: Task) => Promise<Result>): Promise<Result> {
    const task = new Task(label, total);
    this.running = [...this.running, task];
    try {
      return await work(task);
    } finally {
      this.running = this.running.filter((other) => other !== task);
    }
  }
}
