// The rooms and the direction of imports between them, one rule for each arrow:
// commands → ui, live → operations → catalog, orders, mapping → cartona, odoo, store, settings → common.
// `src/sandbox` is a world of its own outside the library: it simulates both systems and borrows nothing from the
// clients it exists to test.
const rooms = (...names) => `^src/lib/(${names.join('|')})/`;
const SESSION = '^src/lib/(open-)?session\\.ts$';
const ANY_ROOM = '^src/(lib|commands|sandbox)/';

const forbid = (name, from, to) => ({ name, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-cycles', {}, { circular: true }),
    forbid('library-below-commands', { path: '^src/lib/' }, { path: '^src/commands/' }),
    // Commands that only read or decide need no service.
    forbid(
      'only-serve-and-alerts-test-load-live',
      { path: '^src/commands/', pathNot: '^src/commands/(serve|alerts/test)\\.ts$' },
      { path: rooms('live') },
    ),
    forbid('operations-below-live', { path: rooms('operations') }, { path: rooms('live', 'ui') }),
    forbid('catalog-below-operations', { path: rooms('catalog') }, { path: rooms('operations', 'live', 'ui') }),
    forbid('orders-below-operations', { path: rooms('orders') }, { path: rooms('operations', 'live', 'ui') }),
    forbid('mapping-below-operations', { path: rooms('mapping') }, { path: rooms('operations', 'live', 'ui') }),
    forbid('mapping-below-catalog-and-orders', { path: rooms('mapping') }, { path: rooms('catalog', 'orders') }),
    // What speaks with one system knows neither the other one, nor the rows, nor a session.
    forbid(
      'cartona-knows-only-common',
      { path: rooms('cartona') },
      { path: ANY_ROOM, pathNot: rooms('cartona', 'common') },
    ),
    forbid('odoo-knows-only-common', { path: rooms('odoo') }, { path: ANY_ROOM, pathNot: rooms('odoo', 'common') }),
    forbid('store-knows-only-common', { path: rooms('store') }, { path: ANY_ROOM, pathNot: rooms('store', 'common') }),
    forbid(
      'settings-know-no-room-above',
      { path: rooms('settings') },
      { path: rooms('catalog', 'orders', 'mapping', 'operations', 'live', 'ui', 'store') },
    ),
    forbid('settings-know-no-session', { path: rooms('settings') }, { path: SESSION }),
    forbid('common-knows-nobody', { path: rooms('common') }, { path: ANY_ROOM, pathNot: rooms('common') }),
    // ui knows the shape of what it shows, and calls nothing.
    forbid(
      'ui-shows-only',
      { path: rooms('ui') },
      {
        path: rooms('catalog', 'orders', 'mapping', 'operations', 'live', 'cartona', 'odoo', 'store'),
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid('library-without-ui', { path: '^src/lib/', pathNot: rooms('ui') }, { path: rooms('ui') }),
    forbid(
      'sandbox-is-independent',
      { path: '^src/sandbox/' },
      { path: '^src/(lib|commands)/', pathNot: rooms('common') },
    ),
    forbid(
      'only-the-sandbox-command-loads-the-sandbox',
      { path: '^src/', pathNot: '^src/(sandbox/|commands/sandbox)' },
      { path: '^src/sandbox/' },
    ),
    forbid('only-the-store-knows-sql', { path: '^src/', pathNot: rooms('store') }, { path: 'node_modules/libsql' }),
    forbid(
      'only-commands-and-ui-know-oclif',
      { path: '^src/lib/', pathNot: rooms('ui') },
      { path: 'node_modules/(@oclif|inquirer|ora|string-width)' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
