import { describe, expect, it } from 'vitest';
import { rate } from '../src/modules/module-rating.ts';
import { compareVersions } from '../src/modules/semver.ts';

describe('compareVersions', () => {
  it('sorts as the specification does', () => {
    const sorted = [
      '0.0.1',
      '0.9.9',
      '1.0.0-1',
      '1.0.0-2',
      '1.0.0-10',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.2.0',
      '1.10.0',
      '2.0.0',
    ];
    expect(sorted.toReversed().sort(compareVersions)).toEqual(sorted);
    for (const version of sorted) expect(compareVersions(version, version)).toBe(0);
  });
});

describe('the rating', () => {
  const manifest = { permissions: [] } as unknown as Parameters<typeof rate>[0]['manifest'];

  it('says what each point is for, and never leaves its bounds', () => {
    expect(rate({ manifest, findings: [], public_key: 'k' })).toMatchObject({ score: 100, reasons: [{ points: 0 }] });
    const rules = [
      'code.eval',
      'code.minified',
      'code.process',
      'text.invisible',
      'name.look-alike',
      'message.undeclared',
    ];
    const more = ['url.remote', 'permission.unused', 'scan.incomplete'];
    const findings = [...rules, ...more].map((rule) => ({ severity: 'warning' as const, rule, path: '', message: '' }));
    const worst = rate({
      manifest: { ...manifest, permissions: ['worker.native', 'files.read.all', 'files.write.all'] },
      findings,
      public_key: null,
    });
    expect(worst.score).toBe(0);
    expect(worst.reasons.every(({ points, text }) => points < 0 && text !== '')).toBe(true);
  });
});
