/** Work by name, of which there is one at a time, in the order of asking. */
export class OneAtATime {
  private readonly last = new Map<string, Promise<unknown>>();

  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(name) ?? Promise.resolve();
    const done = before.then(work, work);
    this.last.set(name, done);
    const forget = () => this.last.get(name) === done && this.last.delete(name);
    done.then(forget, forget);
    return done;
  }
}
