/** What an operator says of the network of every module, read from the texts it is written in. */
import { isOrigin } from '@hanabi/protocol';

export interface NetworkRules {
  /** With network.fetch.broad: only these domains, with all below them; none: every one. */
  allow_domains: string[];
  /** No module reaches these, with all below them. */
  deny_domains: string[];
  /** Origins that may lead to private addresses. */
  private_origins: string[];
}

/** "example.com, *.example.org" as the names that an address is compared with. Throws an Error with a sentence. */
export function readDomains(text: string): string[] {
  return words(text).map((word) => {
    const name = word.replace(/^\*?\./, '').replace(/\.$/, '');
    // The parser of addresses knows how names of any script and numbers of any spelling are written.
    const url = URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`) : undefined;
    if (!url || /[:/@?#*]/.test(name.replace(/^\[.*\]$/, '')))
      throw new Error(`"${word}" is not a domain such as example.com`);
    return url.hostname;
  });
}

/** "http://127.0.0.1:9000, http://search.internal" as origins. Throws an Error with a sentence. */
export function readOrigins(text: string): string[] {
  return words(text).map((word) => {
    if (!isOrigin(word) || !URL.canParse(word)) {
      throw new Error(`"${word}" is not an origin such as http://127.0.0.1:9000`);
    }
    return new URL(word).origin;
  });
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
