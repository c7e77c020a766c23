/** Names that a module may not take, because a person would believe to see the desktop itself. */

/** Programs and parts of the desktop, those to come included; the names in the languages of `apps/web/src/i18n/`. */
const DESKTOP_PROGRAM_NAMES = [
  'HanabiMatsuri',
  'Hanabi',
  'Desktop',
  'File Explorer',
  'Files',
  'Trash',
  'Settings',
  'Start menu',
  'Store',
  'Module Store',
  'Developer Portal',
  'Notifications',
  'Task Manager',
  'Users',
  'Admin',
  'Administration',
  'Sign in',
  'System',
  'デスクトップ',
  'ファイルエクスプローラー',
  'ごみ箱',
  '設定',
  'スタートメニュー',
  'モジュールストア',
  '開発者ポータル',
  '通知',
  '管理',
  '審査',
  '権限',
  'アカウント',
  'サインイン',
  'システム',
];

const RESERVED = new Set(DESKTOP_PROGRAM_NAMES.map(asSeen));

export function isDesktopProgram(name: string): boolean {
  return RESERVED.has(asSeen(name));
}

/** Names that look alike are alike here: case, width, accents, spaces and punctuation do not count. */
function asSeen(name: string): string {
  const bounded = name.slice(0, 256).normalize('NFKD').toLowerCase();
  return bounded.replaceAll(/[^\p{L}\p{N}]/gu, '');
}
