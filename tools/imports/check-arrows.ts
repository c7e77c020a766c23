/** Holds every import of a file against the arrows of the house. */
import path from 'node:path';
import { findImports, type ImportSite } from './find-imports.ts';
import { type Room, ROOMS, roomOf } from './rooms.ts';

/** One sentence for each import that has no arrow, as `file:line …`. */
export function checkArrows(file: string, source: string): string[] {
  const room = roomOf(file);
  if (!room) return [`${file}:1 lies in no room of the house (tools/imports/rooms.ts)`];
  return findImports(source).flatMap((site) => {
    const problem = checkSite(file, room, site);
    return problem ? [`${file}:${site.line} ${problem}`] : [];
  });
}

function checkSite(file: string, room: Room, site: ImportSite): string | undefined {
  const { specifier, typeOnly } = site;
  if (specifier.startsWith('node:')) {
    return room.node ? undefined : `${room.name} → ${specifier} is not an arrow of the house`;
  }
  const target = targetRoom(file, specifier);
  if (target === undefined || target === room) return undefined;
  const allowed = room.may.includes(target.name) || (typeOnly && room.mayTypes?.includes(target.name));
  if (!allowed) {
    const types = room.mayTypes?.includes(target.name) ? ' (only "import type" is)' : '';
    return `${room.name} → ${target.name} is not an arrow of the house${types}`;
  }
  if (target.as !== undefined && specifier.startsWith('.') && leavesWorkspace(file, specifier)) {
    return `${target.name} is imported by its path; its name is ${target.as}`;
  }
  return undefined;
}

/** The room that a specifier leads to; undefined for packages that are not ours. */
function targetRoom(file: string, specifier: string): Room | undefined {
  if (specifier.startsWith('.')) return roomOf(path.posix.join(path.posix.dirname(file), specifier));
  return ROOMS.find((room) => room.as !== undefined && specifier === room.as);
}

const WORKSPACE = /^(?:packages|apps)\/[^/]+\//;

function leavesWorkspace(file: string, specifier: string): boolean {
  const target = path.posix.join(path.posix.dirname(file), specifier);
  return WORKSPACE.exec(file)?.[0] !== WORKSPACE.exec(target)?.[0];
}
