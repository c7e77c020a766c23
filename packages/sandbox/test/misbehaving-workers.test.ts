import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, LIMITS, MIB } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { describeBackends } from './backends.ts';
import { jobOf, machine, QUICK_LIMITS, runJob, withSandbox } from './test-sandbox.ts';

interface Verdict {
  code: ErrorCode;
  message?: RegExp;
  log?: RegExp;
}

const VERDICTS: Record<string, Verdict> = {
  raises: {
    code: 'HANABI-W008',
    message: /ValueError: bad 7$/,
    log: /^before\nTraceback [^\n]+\n {2}File "workers\/raises.py", line 7, in run\n {4}helper\(7\)\n {2}File "workers\/raises.py", line 2, in helper\n {4}raise ValueError\(f"bad \{value\}"\)\nValueError: bad 7\n$/,
  },
  raises_while_generating: {
    code: 'HANABI-W008',
    message: /KeyError: 'late'/,
    log: /workers\/raises_while_generating.py", line 3/,
  },
  has_a_syntax_error: {
    code: 'HANABI-W013',
    message: /expected ':' \(workers\/has_a_syntax_error.py, line 1\)/,
    log: /File "workers\/has_a_syntax_error.py", line 1\n/,
  },
  fails_to_import: {
    code: 'HANABI-W013',
    message: /a_library_that_nobody_has/,
    log: /workers\/fails_to_import.py", line 1/,
  },
  is_not_there: { code: 'HANABI-W013', message: /there is no workers\/is_not_there.py in the package/ },
  has_no_run: { code: 'HANABI-W012', message: /no function named run/ },
  has_a_run_that_is_a_number: { code: 'HANABI-W012', message: /an int named run/ },
  has_an_async_run: { code: 'HANABI-W010', message: /run returned a coroutine/ },
  returns_nothing: { code: 'HANABI-W010', message: /run returned nothing/ },
  returns_a_number: { code: 'HANABI-W010', message: /run returned an int/ },
  returns_numbers_as_data: { code: 'HANABI-W010', message: /the data of 'a' is an int, not bytes or str/ },
  returns_a_list_of_strings: { code: 'HANABI-W010', message: /item 0 of the list is a str/ },
  returns_a_number_as_name: { code: 'HANABI-W010', message: /a name in item 0 is an int, not str/ },
  returns_half_a_surrogate: { code: 'HANABI-W010', message: /UTF-8 cannot hold/ },
  yields_a_string: { code: 'HANABI-W010', message: /run yielded a str/ },
  exits_at_once: { code: 'HANABI-W009', message: /exit code 7$/, log: /^last words\n$/ },
  exits_politely: { code: 'HANABI-W009', message: /exit code 3$/ },
  kills_itself: { code: 'HANABI-W009', message: /ended by signal 11$/ },
  closes_the_channel: { code: 'HANABI-W009', message: /closed its channel/ },
  returns_too_many_bytes: { code: 'HANABI-W006' },
  returns_too_many_files: { code: 'HANABI-W007' },
  writes_garbage_to_the_channel: { code: 'HANABI-W014' },
  writes_a_huge_frame_header: { code: 'HANABI-W014' },
  writes_a_frame_of_unknown_kind: { code: 'HANABI-W014' },
  writes_bytes_without_a_file: { code: 'HANABI-W014' },
  announces_more_than_it_sends: { code: 'HANABI-W014' },
  stops_inside_a_frame: { code: 'HANABI-W014' },
  fills_tmp: { code: 'HANABI-W008', message: /No space left on device/, log: /workers\/fills_tmp.py", line 6, in run/ },
  spins: { code: 'HANABI-W005' },
  spins_and_ignores_signals: { code: 'HANABI-W005' },
};

/** What only a limit on the job as a whole can tell. */
const HARD_VERDICTS: Record<string, Verdict> = {
  allocates_without_end: { code: 'HANABI-W003', log: /^allocating\n/ },
  allocates_in_children: { code: 'HANABI-W003' },
  survives_the_death_of_a_large_child: { code: 'HANABI-W003' },
  fills_memory_through_tmp_and_shm: { code: 'HANABI-W003' },
  spins_in_short_lived_children: { code: 'HANABI-W005' },
};

describeBackends('a worker that', ({ open }) => {
  const test = withSandbox(open);

  async function expectVerdict(worker: string, { code, message, log }: Verdict): Promise<void> {
    const spec = jobOf(worker);
    const { error, result } = await runJob(test.sandbox, spec);
    expect(result).toBeUndefined();
    expect(error?.code).toBe(code);
    if (message) expect(error?.message).toMatch(message);
    if (log) expect(error?.log).toMatch(log);
    expect(error?.log).not.toContain('/runner/');
    expect(error?.jobId).toBe(spec.id);
    expect(existsSync(join(test.work_dir, 'outbox', spec.id))).toBe(false);
  }

  it.each(Object.entries(VERDICTS))('%s', expectVerdict);

  it.skipIf(machine.limits === 'soft').each(Object.entries(HARD_VERDICTS))('%s', expectVerdict);

  it('sleeps longer than its tier allows', async () => {
    const limits = { ...QUICK_LIMITS, wall_ms_max: 500 };
    const { error, events } = await runJob(test.sandbox, jobOf('sleeps', { limits }));
    expect(error?.code).toBe('HANABI-W004');
    expect(error?.log).toBe('good night\n');
    expect(events).toContainEqual({ kind: 'progress', pct: 0, message: 'asleep' });
  });

  it('prints without end: the host keeps only the end of it, and its memory does not grow', async () => {
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    const limits = { ...QUICK_LIMITS, wall_ms_max: 1500 };
    const { error } = await runJob(test.sandbox, jobOf('prints_without_end', { limits }));
    clearInterval(watch);
    expect(['HANABI-W004', 'HANABI-W005']).toContain(error?.code);
    expect(error?.log).toHaveLength(LIMITS.job_log_chars_max);
    expect(/^[flod \n]*$/.test(error!.log!)).toBe(true);
    expect(peak - before).toBeLessThan(64 * MIB);
  });

  it('prints much has the end of it in the log', async () => {
    const { result } = await runJob(test.sandbox, jobOf('prints_much_and_returns'));
    expect(result?.log).toHaveLength(LIMITS.job_log_chars_max);
    expect(result?.log).toMatch(/line 39998\nline 39999\n$/);
  });

  it('closes stdout and stderr harms nothing', async () => {
    const { files } = await runJob(test.sandbox, jobOf('closes_its_output'));
    expect(files['a.txt']?.toString()).toBe('fine');
  });

  it('prints frames to stdout has printed, nothing else', async () => {
    const { files, result } = await runJob(test.sandbox, jobOf('prints_frames'));
    expect(files['a.txt']?.toString()).toBe('the real one');
    expect(result?.log).toContain('{"kind":"done"}printed\n');
  });

  it('lets a forked child return gets the result of the parent only', async () => {
    const { files } = await runJob(test.sandbox, jobOf('lets_a_forked_child_return'));
    expect(Object.keys(files)).toEqual(['parent.txt']);
  });

  it('forks without end is stopped at its limit', async () => {
    const { files } = await runJob(test.sandbox, jobOf('bombs_with_forks'));
    const text = files['started.txt']!.toString();
    expect(text).toMatch(/^\d+ Resource temporarily unavailable$/);
    expect(Number.parseInt(text, 10)).toBeLessThan(QUICK_LIMITS.processes_max);
  });

  it('returns hostile names gets safe ones, each of them once', async () => {
    const { result, files } = await runJob(test.sandbox, jobOf('returns_hostile_names'));
    const names = result!.outputs.map(({ name }) => name);
    expect(names.slice(0, 5)).toEqual(['x', 'passwd', 'ab', 'output', 'output (2)']);
    expect(names.slice(6, 10)).toEqual(['A.txt', 'a (2).txt', 'a (3).txt', 'evil.exe']);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    for (const name of names) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      expect(name).not.toMatch(/[/\\\0]/);
    }
    expect(files['evil.exe']?.toString()).toBe('9');
    for (const { path } of result!.outputs) expect(path).toMatch(/\/outbox\/job-[\d-]+\/\d+$/);
  });
});
