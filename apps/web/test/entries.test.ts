import { describe, expect, it } from 'vitest';
import { listedEntries, sortedEntries } from '../src/files/entries.ts';
import { extensionOf, fileKind, hasThumbnail, isItsOwnThumbnail, previewKind } from '../src/files/file-kind.ts';
import { isAccepted, modulesFor } from '../src/files/open-with.ts';
import { MemoryApi, module } from './memory-api.ts';

describe('sortedEntries', () => {
  it('puts folders first and counts numbers as people do', async () => {
    const api = new MemoryApi();
    api.addFile('photo 10.jpg', 'root', 5);
    api.addFile('Photo 2.jpg', 'root', 50);
    api.addFolder('zoo');
    const listing = await api.folder('root');
    const names = (key: 'name' | 'size', ascending: boolean) =>
      sortedEntries(listedEntries(listing), { key, ascending }).map((entry) => entry.name);
    expect(names('name', true)).toEqual(['zoo', 'Photo 2.jpg', 'photo 10.jpg']);
    expect(names('name', false)).toEqual(['zoo', 'photo 10.jpg', 'Photo 2.jpg']);
    expect(names('size', true)).toEqual(['zoo', 'photo 10.jpg', 'Photo 2.jpg']);
  });
});

describe('modulesFor', () => {
  const viewer = module('viewer', { origin: 'first-party', file_associations: ['jpg', 'gz'] });
  const thumbs = module('thumbs', { file_associations: ['jpg'] });
  const archiver = module('archiver', { origin: 'operator', file_associations: ['tar.gz'] });
  const ids = (name: string) => modulesFor([thumbs, archiver, viewer], name).map(({ id }) => id);

  const first = (name: string, associations: Record<string, string>) =>
    modulesFor([thumbs, archiver, viewer], name, associations)[0]?.id;

  it('takes the one in the box first, whatever the case of the name', () => {
    expect(ids('Photo.JPG')).toEqual(['viewer', 'thumbs']);
  });

  it('prefers the longer extension', () => {
    expect(ids('all.tar.gz')).toEqual(['archiver', 'viewer']);
  });

  it('puts the one that the person chose before all others, for the longest extension that one was chosen for', () => {
    expect(first('a.jpg', { jpg: 'thumbs' })).toBe('thumbs');
    expect(first('all.tar.gz', { gz: 'viewer' })).toBe('viewer');
    expect(first('all.tar.gz', { gz: 'viewer', 'tar.gz': 'archiver' })).toBe('archiver');
    expect(first('a.jpg', { jpg: 'gone' })).toBe('viewer');
  });

  it('matches extensions, not endings of words', () => {
    expect(ids('notjpg')).toEqual([]);
  });
});

it('accepts by extension, and everything where nothing is asked', () => {
  expect(isAccepted('a.PNG', ['.png', 'jpg'])).toBe(true);
  expect(isAccepted('a.png.exe', ['png'])).toBe(false);
  expect(isAccepted('a.exe', undefined)).toBe(true);
});

it('tells kinds apart by name, then by type', () => {
  expect(fileKind('a.csv', 'text/plain')).toBe('sheet');
  expect(fileKind('a', 'image/png')).toBe('image');
  expect(fileKind('a.unknown', 'application/x-thing')).toBe('other');
  expect(extensionOf('.profile')).toBe('');
});

it('asks for thumbnails of raster images only, and takes the image itself where it is small', () => {
  expect(hasThumbnail({ mime_type: 'image/jpeg', size_bytes: 6_000_000 })).toBe(true);
  expect(hasThumbnail({ mime_type: 'image/svg+xml', size_bytes: 1000 })).toBe(false);
  expect(isItsOwnThumbnail({ mime_type: 'image/jpeg', size_bytes: 1000 })).toBe(true);
  expect(isItsOwnThumbnail({ mime_type: 'image/jpeg', size_bytes: 6_000_000 })).toBe(false);
});

it('previews markup as the text that it is', () => {
  expect(previewKind('page.html', 'text/html')).toBe('text');
  expect(previewKind('drawing.svg', 'image/svg+xml')).toBe('drawing');
  expect(previewKind('song.mp3', 'audio/mpeg')).toBe('audio');
  expect(previewKind('letter.pdf', 'application/pdf')).toBe('pdf');
  expect(previewKind('thing', 'application/octet-stream')).toBe('none');
});
