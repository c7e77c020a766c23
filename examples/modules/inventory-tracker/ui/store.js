/** The articles in the data store: one JSON document each, in one collection. */
const COLLECTION = 'items';
const PAGE = 50;

/** @param {import('./hanabi-sdk.js').HanabiClient} hanabi */
export function createStore(hanabi) {
  const { data } = hanabi;

  return {
    /** A page of all articles, the newest-updated first, and where the next one begins. */
    async page(after) {
      const { docs, next, total } = await data.list(COLLECTION, { limit: PAGE, ...(after && { after }) });
      return { items: docs.map(read), next, total };
    },

    /** The articles with these values; `cut` says that there are more. */
    async find(where) {
      const { docs, truncated } = await data.query(COLLECTION, where, 500);
      return { items: docs.map(read), cut: truncated };
    },

    async get(id) {
      const document = await data.get(COLLECTION, id);
      return document && read(document);
    },

    add: (item) => data.put(COLLECTION, withAnswers(item)),

    /** Only if nobody changed it since it was read; otherwise HANABI-V012. */
    replace: ({ id, version, ...item }) => data.put(COLLECTION, withAnswers(item), id, { ifVersion: version }),

    /** Adds to the quantity, to what it is now and not to what was shown. */
    async step(id, by) {
      for (;;) {
        const item = await this.get(id);
        if (!item) return null;
        const changed = { ...item, quantity: Math.max(0, item.quantity + by) };
        try {
          const { version } = await this.replace(changed);
          return { ...changed, version };
        } catch (error) {
          if (error.code !== 'HANABI-V012') throw error;
        }
      }
    },

    remove: (id) => data.delete(COLLECTION, id),
    usage: () => data.collections(),

    /** Calls back with the id of an article that another window of this module changed. */
    onChanged: (listener) => data.onChanged(({ collection, id }) => collection === COLLECTION && listener(id)),
  };
}

/** A document's `data` is the JSON text that was stored. */
function read({ id, version, data }) {
  return { ...JSON.parse(data), id, version };
}

/** A query asks for equal values only, so what is to be asked stands in the document. */
function withAnswers({ name, category, quantity, minimum }) {
  return { name, category, quantity, minimum, low: quantity <= minimum };
}
