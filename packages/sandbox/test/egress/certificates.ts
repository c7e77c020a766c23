import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A key and a certificate that signs itself, made in `folder`; `names` as openssl writes them, "DNS:a.example". */
export function makeCertificate(folder: string, names: string): { key: string; cert: string; cert_file: string } {
  const key_file = join(folder, 'key.pem');
  const cert_file = join(folder, 'cert.pem');
  const command = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const files = ['-keyout', key_file, '-out', cert_file];
  const { status, stderr } = spawnSync(
    'openssl',
    [...command, ...files, '-subj', '/CN=test', '-addext', `subjectAltName=${names}`],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return { key: readFileSync(key_file, 'utf8'), cert: readFileSync(cert_file, 'utf8'), cert_file };
}
