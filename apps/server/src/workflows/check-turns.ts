/** Playing histories again takes sealed processes: of each person one at a time, and of all people only so many. */
import { LIMITS } from '@hanabi/protocol';
import { Places } from '@hanabi/sandbox';
import { OneAtATime } from './one-at-a-time.ts';

export class CheckTurns {
  private readonly persons = new OneAtATime();
  private readonly places = new Places(LIMITS.workflow_checks_max);

  /** Returns, when it is the person's turn, what ends it. */
  take(person_id: string): Promise<() => void> {
    return new Promise((begin) => {
      void this.persons.take(person_id, async () => {
        await this.places.enter();
        await new Promise<void>((end) => begin(end));
        this.places.leave();
      });
    });
  }
}
