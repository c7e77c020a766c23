/** The menu of the desktop itself, and what it does to the icons. */
import { type IconPlace, LIMITS, WALLPAPERS } from '@hanabi/protocol';
import { t } from '../i18n/i18n.ts';
import { preferences } from '../settings/preferences.svelte.ts';
import type { MenuItem } from '../ui/menu-state.svelte.ts';
import { compact } from '../ui/viewport.ts';
import type { Shell } from './shell.svelte.ts';

/** What is done in the folder that lies on the desktop. */
interface FolderDeeds {
  newFolder: () => void;
  upload: () => void;
  paste: () => void;
  open: () => void;
}

export function desktopMenu(shell: Shell, deeds: FolderDeeds): MenuItem[] {
  const items: MenuItem[] = [
    { label: t('files.newFolder'), icon: 'folderPlus', choose: deeds.newFolder },
    { label: t('files.upload.button'), icon: 'upload', choose: deeds.upload },
    { label: t('files.paste'), icon: 'paste', disabled: shell.clipboard.clip === null, choose: deeds.paste },
    { label: t('desktop.openFolder'), icon: 'folder', separated: true, choose: deeds.open },
  ];
  if (!compact.current) items.push(arrangeIcons(shell));
  items.push(
    { label: t('settings.wallpaper'), icon: 'preview', separated: true, items: wallpapers(shell) },
    {
      label: t('settings.appearance'),
      icon: 'eye',
      choose: () => shell.showSettings('appearance'),
    },
    { label: t('programs.settings'), icon: 'settings', choose: () => shell.openTool('settings') },
    { label: t('user.keyboard'), icon: 'keyboard', choose: () => (shell.helpShown = true) },
  );
  return items;
}

function wallpapers(shell: Shell): MenuItem[] {
  return WALLPAPERS.map((wallpaper) => ({
    label: t(`settings.wallpaper.${wallpaper}`),
    checked: preferences.current.wallpaper === wallpaper,
    choose: () => void shell.changePreferences({ wallpaper }),
  }));
}

/** How icons keep their places: a group of two, and the way back into rows. */
export function arrangeIcons(shell: Shell): MenuItem {
  const { icons_aligned } = preferences.current;
  const align = (aligned: boolean) => () => void shell.changePreferences({ icons_aligned: aligned });
  return {
    label: t('desktop.arrange'),
    icon: 'grid',
    items: [
      { label: t('desktop.arrange.aligned'), checked: icons_aligned, choose: align(true) },
      { label: t('desktop.arrange.free'), checked: !icons_aligned, choose: align(false) },
      {
        label: t('desktop.arrange.sort'),
        separated: true,
        choose: () => void shell.changePreferences({ icon_places: {} }),
      },
    ],
  };
}

/** Keeps the place of one icon, and of all others where they are seen now: nothing else moves when one is moved. */
export function keepIconPlace(shell: Shell, shown: ReadonlyMap<string, IconPlace>, id: string, place: IconPlace): void {
  const kept = { ...Object.fromEntries(shown), ...preferences.current.icon_places, [id]: place };
  const all = Object.entries(kept);
  // What is gone makes room first.
  const most = all.length > LIMITS.preference_entries_max ? all.filter(([one]) => shown.has(one)) : all;
  const icon_places = Object.fromEntries(most.slice(-LIMITS.preference_entries_max));
  void shell.changePreferences({ icon_places });
}
