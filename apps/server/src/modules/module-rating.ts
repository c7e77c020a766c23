/** How much there is to trust in a module, from what can be seen of it. Each point has its sentence. */
import { type Manifest, type PackageFinding, type Permission, PERMISSIONS, type Rating } from '@hanabi/protocol';

interface Rated {
  manifest: Manifest;
  findings: readonly PackageFinding[];
  public_key: string | null;
}

const RULES: readonly { rule: string; points: number; text: string }[] = [
  { rule: 'code.eval', points: 15, text: 'Runs text as code' },
  { rule: 'code.minified', points: 10, text: 'Has code that nobody can read' },
  { rule: 'code.process', points: 15, text: 'Starts programs or loads native code on the server' },
  { rule: 'text.invisible', points: 20, text: 'Has characters that hide what the code says' },
  { rule: 'name.look-alike', points: 15, text: 'Has names that look like others' },
  { rule: 'message.undeclared', points: 5, text: 'Tries what its manifest does not ask for' },
  { rule: 'url.remote', points: 5, text: 'Names internet addresses that its manifest does not' },
  { rule: 'permission.unused', points: 5, text: 'Asks for more than it uses' },
  { rule: 'scan.incomplete', points: 5, text: 'Could not be looked at completely' },
];

export function rate({ manifest, findings, public_key }: Rated): Rating {
  const reasons: Rating['reasons'] = [];
  const minus = (points: number, text: string) => reasons.push({ points: -points, text });
  if (public_key === null) minus(10, 'Is not signed by its developer');
  const tiers = new Set(manifest.permissions.map((permission: Permission) => PERMISSIONS[permission].tier));
  if (tiers.has('admin-high')) minus(15, 'Has permissions of the highest tier');
  else if (tiers.has('admin')) minus(5, 'Has permissions that an administrator had to give');
  if (manifest.permissions.includes('files.read.all')) minus(5, 'May read all files, if you allow it');
  if (manifest.permissions.includes('files.write.all')) minus(10, 'May change all files, if you allow it');
  for (const { rule, points, text } of RULES) {
    if (findings.some((finding) => finding.rule === rule)) minus(points, text);
  }
  if (reasons.length === 0) reasons.push({ points: 0, text: 'Nothing speaks against it' });
  const score = Math.max(0, Math.min(100, 100 + reasons.reduce((sum, { points }) => sum + points, 0)));
  return { score, reasons };
}
