// The rooms of the house and the direction of imports between them: commands → live → catalog, orders, mapping →
// cartona, odoo, store, settings → common. `src/sandbox` is a world of its own outside the library: it simulates both
// systems and borrows nothing from the clients it exists to test.
const rooms = (...names) => `^src/lib/(${names.join('|')})/`;

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'library-below-commands', severity: 'error', from: { path: '^src/lib/' }, to: { path: '^src/commands/' } },
    {
      name: 'cartona-and-odoo-are-strangers-1',
      severity: 'error',
      from: { path: rooms('cartona') },
      to: { path: rooms('odoo') },
    },
    {
      name: 'cartona-and-odoo-are-strangers-2',
      severity: 'error',
      from: { path: rooms('odoo') },
      to: { path: rooms('cartona') },
    },
    {
      name: 'edges-are-lowest',
      severity: 'error',
      from: { path: rooms('cartona', 'odoo', 'store', 'settings') },
      to: { path: rooms('catalog', 'orders', 'mapping', 'live', 'ui') },
    },
    {
      name: 'flows-below-live',
      severity: 'error',
      from: { path: rooms('catalog', 'orders', 'mapping') },
      to: { path: rooms('live', 'ui') },
    },
    {
      name: 'sandbox-is-independent',
      severity: 'error',
      from: { path: '^src/sandbox/' },
      to: { path: '^src/(lib|commands)/', pathNot: rooms('common') },
    },
    {
      name: 'only-the-sandbox-command-loads-the-sandbox',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(sandbox/|commands/sandbox)' },
      to: { path: '^src/sandbox/' },
    },
    {
      name: 'common-knows-nobody',
      severity: 'error',
      from: { path: rooms('common') },
      to: { path: '^src/(lib|commands)/', pathNot: rooms('common') },
    },
    // ui knows the shape of what it shows, and calls nothing.
    {
      name: 'ui-shows-only',
      severity: 'error',
      from: { path: rooms('ui') },
      to: {
        path: rooms('catalog', 'orders', 'mapping', 'live', 'cartona', 'odoo', 'store'),
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-the-store-knows-sql',
      severity: 'error',
      from: { path: '^src/', pathNot: rooms('store') },
      to: { path: 'node_modules/libsql' },
    },
    {
      name: 'only-commands-and-ui-know-oclif',
      severity: 'error',
      from: { path: '^src/lib/', pathNot: rooms('ui') },
      to: { path: 'node_modules/(@oclif|inquirer|ora|cli-table3)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
