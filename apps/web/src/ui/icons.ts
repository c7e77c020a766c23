/** The icon set: strokes on a 24 × 24 grid, drawn for this desktop. One name, one path. */
export const ICONS = {
  alert: 'M12 4 21 19.5H3zM12 10v4M12 17v.01',
  arrowUp: 'M12 19V5M6 11l6-6 6 6',
  bell: 'M6 17v-6a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10 21h4',
  check: 'M5 12.5 10 17.5 19.5 7',
  checkCircle: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12.5l3 3 5-6',
  chevronRight: 'M9.5 6l6 6-6 6',
  close: 'M6 6l12 12M18 6 6 18',
  download: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  eyeOff:
    'M4 4l16 16M9.5 6c.8-.3 1.6-.5 2.5-.5 6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-2.7 3.4M6 7.6A16 16 0 0 0 2.5 12S6 18.5 12 18.5c1.6 0 3-.4 4.2-1M10 10a3 3 0 0 0 4 4',
  folder: 'M3.5 18V6.5h6l2 2.5h9v9z',
  folderPlus: 'M3.5 18.5v-12h6l2 2.5h9v9.5zM12 11.5v5M9.5 14h5',
  grid: 'M4.5 4.5h6v6h-6zM13.5 4.5h6v6h-6zM4.5 13.5h6v6h-6zM13.5 13.5h6v6h-6z',
  home: 'M4 11l8-7 8 7v9h-5.5v-6h-5v6H4z',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v6M12 7.5v.01',
  keyboard: 'M2.5 6.5h19v11h-19zM6 10v.01M9 10v.01M12 10v.01M15 10v.01M18 10v.01M8 14h8',
  list: 'M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4.5 6.5v.01M4.5 12v.01M4.5 17.5v.01',
  maximise: 'M5.5 5.5h13v13h-13z',
  minimise: 'M5.5 12.5h13',
  modules: 'M4.5 8.5 12 4.5l7.5 4v7L12 19.5l-7.5-4zM4.5 8.5 12 12.5l7.5-4M12 12.5v7',
  open: 'M13 5h6v6M19 5l-8 8M16 14v5H5V8h5',
  refresh: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15',
  restore: 'M8.5 8.5v-4h11v11h-4M4.5 8.5h11v11h-11z',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20.5 20.5',
  signOut: 'M14 4.5H5v15h9M10 12h10.5M17 8.5l3.5 3.5-3.5 3.5',
  sort: 'M7.5 5v14M4 15.5 7.5 19l3.5-3.5M13 7h7M13 12h5M13 17h3',
  upload: 'M12 15.5V4.5M7 9.5l5-5 5 5M5 20h14',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6',
} as const;

export type IconName = keyof typeof ICONS;
