/**
 * The commands, loaded by need: what starts engines or judges templates, and what asks AWS, are a bundle each. Not by
 * `import()`, which reads a bundle twice.
 */
export const localCommands = (): typeof import('./local-commands.js') => require('./local-commands.js');
export const operations = (): typeof import('./operations.js') => require('./operations.js');
