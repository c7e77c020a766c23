/** What `npm test` wants to know of a vitest run; unlike vitest's own JSON it keeps why a test was skipped. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import type { VitestReport } from './results.mjs';

export default class VitestReportFile implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const report: VitestReport = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      // A file that could not even be loaded holds no tests that could fail.
      report.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') report.passed += 1;
        else if (result.state === 'skipped') report.skipped.push({ name: test.fullName, why: result.note ?? '' });
        else report.failed += 1;
      }
    }
    const file = process.env['HANABI_TEST_REPORT'];
    if (file) writeFileSync(file, JSON.stringify(report));
  }
}
