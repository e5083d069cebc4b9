/**
 * elkjs takes a worker without a document to be its own and waits for its own messages there, instead of letting itself
 * be called. Imported before it.
 */
Object.assign(globalThis, { document: {} })
