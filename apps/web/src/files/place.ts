/** What an Explorer window can look at: a folder, or a list that the server puts together. */
export type Place =
  | { kind: 'folder'; id: string }
  | { kind: 'recent' }
  | { kind: 'trash' }
  | { kind: 'search'; query: string };

export function samePlace(a: Place, b: Place): boolean {
  return placeKey(a) === placeKey(b);
}

export function placeKey(place: Place): string {
  if (place.kind === 'folder') return `folder:${place.id}`;
  return place.kind === 'search' ? `search:${place.query}` : place.kind;
}
